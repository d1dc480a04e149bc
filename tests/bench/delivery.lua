-- Each request is a delivery of one event, 2 KiB, with an event uuid and a user that were never there before. All of them have the
-- same length, so that the rest of the request is made once. ROSTER_BENCH_RUN (8 hexadecimal digits) tells runs apart.
local run = os.getenv("ROSTER_BENCH_RUN") or string.format("%08x", os.time() % 0x100000000)
local secret = os.getenv("ROSTER_BENCH_SECRET") or "bench"
local SIZE, MARK = 2048, "NNNNNNNN"

local body = [[{
  "eventType": "com.okta.event_hook", "eventTypeVersion": "1.0", "cloudEventsVersion": "0.1",
  "source": "https://acme.okta.com/api/v1/eventHooks/whobench0000000000x7",
  "eventId": "]] .. run .. [[-0001-4c6e-9b1d-0000NNNNNNNN",
  "data": {"events": [{
    "uuid": "]] .. run .. [[-0000-11f1-8000-0000NNNNNNNN", "published": "2026-05-04T08:00:01.000Z",
    "eventType": "application.user_membership.add", "version": "0",
    "displayMessage": "Add user to application membership", "severity": "INFO",
    "client": {"userAgent": {"rawUserAgent": "PADDING", "os": "Mac OS X", "browser": "FIREFOX"}, "zone": "null",
      "device": "Computer", "id": null, "ipAddress": "198.51.100.7",
      "geographicalContext": {"city": "Tokyo", "state": "Tokyo", "country": "Japan", "postalCode": "151-0053",
        "geolocation": {"lat": 35.6893, "lon": 139.6899}}, "ipChain": [{"ip": "198.51.100.7", "version": "V4"}]},
    "actor": {"id": "00uadmin0000000000x7", "type": "User", "alternateId": "admin@acme.com", "displayName": "Ada Admin"},
    "outcome": {"result": "SUCCESS", "reason": null},
    "target": [
      {"id": "0ua]] .. run .. [[NNNNNNNN", "type": "AppUser", "alternateId": "u]] .. run .. [[NNNNNNNN@acme.com", "displayName": "Bench NNNNNNNN"},
      {"id": "0oaconnect00000000x7", "type": "AppInstance", "alternateId": "Amazon Connect", "displayName": "Amazon Connect"},
      {"id": "00u]] .. run .. [[NNNNNNNN", "type": "User", "alternateId": "u]] .. run .. [[NNNNNNNN@acme.com", "displayName": "Bench NNNNNNNN"}],
    "transaction": {"type": "WEB", "id": "aAbBcC1dDeE2fFgGhH3iIjJkKl", "detail": {}}, "debugContext": null,
    "legacyEventType": "app.generic.provision.assign_user_to_app",
    "authenticationContext": {"authenticationStep": 0, "externalSessionId": "trsBENCH0000000000000000000"}, "securityContext": {}
  }]},
  "eventTime": "2026-05-04T08:00:02.000Z", "contentType": "application/json"
}]]
body = body:gsub("PADDING", string.rep("x", SIZE - #body + #"PADDING"))

local whole = "POST /okta/events HTTP/1.1\r\nHost: bench\r\nAuthorization: " .. secret ..
  "\r\nContent-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
local parts, from = {}, 1
while true do
  local first, last = whole:find(MARK, from, true)
  parts[#parts + 1] = whole:sub(from, (first or 0) - 1)
  if not first then break end
  parts[#parts + 1] = MARK
  from = last + 1
end

local n, concat, format = 0, table.concat, string.format

function request()
  local number = format("%08d", n)
  n = n + 1
  for i = 2, #parts, 2 do parts[i] = number end
  return concat(parts)
end

function done(summary, latency)
  io.write(format('RESULT {"bytes": %d, "requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "bad": %d}\n',
    #body, summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.connect + summary.errors.timeout))
end
