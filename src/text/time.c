/* Own calendar arithmetic: timegm and gmtime_r take glibc's time zone lock, and each event has a
 * time. */
#include "text/time.h"

#include <inttypes.h>

enum { S_PER_MIN = 60, S_PER_H = 3600, S_PER_DAY = 86400, YEAR_FIRST = 1970, YEAR_LAST = 2200 };
enum { DURATION_DAYS_MAX = 3653 }; /* ten years */

static const int64_t ns_per_s = 1000000000;

/* ---- the calendar ---- */

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned month_days(int64_t year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/* Leap days in the years 1 … year. */
static int64_t leap_days(int64_t year)
{
    return year / 4 - year / 100 + year / 400;
}

/* Days from 1970-01-01 to the first of January of year, for years from 1 on. */
static int64_t days_before(int64_t year)
{
    return (year - YEAR_FIRST) * 365 + leap_days(year - 1) - leap_days(YEAR_FIRST - 1);
}

struct fields {
    unsigned year, month, day, hour, minute, second;
};

static bool fields_are_valid(const struct fields *f)
{
    return f->year >= YEAR_FIRST && f->year <= YEAR_LAST && f->month >= 1 && f->month <= 12 &&
           f->day >= 1 && f->day <= month_days(f->year, f->month) && f->hour <= 23 &&
           f->minute <= 59 && f->second <= 60;
}

static int64_t fields_to_seconds(const struct fields *f)
{
    int64_t days = days_before(f->year) + f->day - 1;

    for (unsigned month = 1; month < f->month; month++)
        days += month_days(f->year, month);
    return days * S_PER_DAY + f->hour * S_PER_H + f->minute * S_PER_MIN + f->second;
}

/* seconds is held within the years 1970 … 9999. */
static struct fields fields_of(int64_t seconds)
{
    int64_t last = days_before(10000) * S_PER_DAY - 1, days, year;
    struct fields f = {.month = 1};

    seconds = seconds < 0 ? 0 : seconds > last ? last : seconds;
    days = seconds / S_PER_DAY;
    seconds %= S_PER_DAY;
    year = YEAR_FIRST + days / 366;
    while (days_before(year + 1) <= days)
        year++;
    days -= days_before(year);
    while (days >= month_days(year, f.month))
        days -= month_days(year, f.month++);
    f.year = (unsigned)year;
    f.day = (unsigned)days + 1;
    f.hour = (unsigned)(seconds / S_PER_H);
    f.minute = (unsigned)(seconds % S_PER_H / S_PER_MIN);
    f.second = (unsigned)(seconds % S_PER_MIN);
    return f;
}

/* ---- reading ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Cuts exactly n digits off. */
static bool cut_number(struct span *s, size_t n, unsigned *out)
{
    unsigned number = 0;

    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(s->p[i]))
            return false;
        number = number * 10 + (unsigned)(s->p[i] - '0');
    }
    *s = (struct span){s->p + n, s->n - n};
    *out = number;
    return true;
}

/* Cuts one character off that is one of those in any. */
static bool cut_one_of(struct span *s, const char *any)
{
    if (s->n == 0 || s->p[0] == '\0' || strchr(any, s->p[0]) == NULL)
        return false;
    *s = (struct span){s->p + 1, s->n - 1};
    return true;
}

static bool cut_clock(struct span *s, struct fields *f)
{
    return cut_number(s, 2, &f->hour) && cut_one_of(s, ":") && cut_number(s, 2, &f->minute) &&
           cut_one_of(s, ":") && cut_number(s, 2, &f->second);
}

static bool cut_fraction(struct span *s, int64_t *out_ns)
{
    int64_t unit = ns_per_s, ns = 0;

    *out_ns = 0;
    if (!cut_one_of(s, "."))
        return true;
    if (s->n == 0 || !is_digit(s->p[0]))
        return false;
    while (s->n > 0 && is_digit(s->p[0])) {
        unit /= 10;
        if (unit == 0)
            return false;
        ns += (s->p[0] - '0') * unit;
        *s = (struct span){s->p + 1, s->n - 1};
    }
    *out_ns = ns;
    return true;
}

/* The offset in seconds east of UTC; it must end the text. */
static bool cut_offset(struct span *s, int64_t *out_s)
{
    bool is_west = s->n > 0 && s->p[0] == '-';
    unsigned hours, minutes;

    *out_s = 0;
    if (s->n == 0)
        return true;
    if (cut_one_of(s, "Zz"))
        return s->n == 0;
    if (!cut_one_of(s, "+-") || !cut_number(s, 2, &hours) || !cut_one_of(s, ":") ||
        !cut_number(s, 2, &minutes) || s->n > 0 || hours > 23 || minutes > 59)
        return false;
    *out_s = (int64_t)hours * S_PER_H + (int64_t)minutes * S_PER_MIN;
    if (is_west)
        *out_s = -*out_s;
    return true;
}

bool time_parse(struct span text, int64_t *out_ns)
{
    struct fields f;
    int64_t fraction_ns, offset_s, seconds;

    if (!cut_number(&text, 4, &f.year) || !cut_one_of(&text, "-") ||
        !cut_number(&text, 2, &f.month) || !cut_one_of(&text, "-") ||
        !cut_number(&text, 2, &f.day) || !cut_one_of(&text, "Tt ") || !cut_clock(&text, &f) ||
        !cut_fraction(&text, &fraction_ns) || !cut_offset(&text, &offset_s) ||
        !fields_are_valid(&f))
        return false;
    seconds = fields_to_seconds(&f) - offset_s;
    /* A leap second ends a day of UTC; it is taken for the second that follows. */
    if (seconds < 0 || (f.second == 60 && seconds % S_PER_DAY != 0))
        return false;
    *out_ns = seconds * ns_per_s + fraction_ns;
    return true;
}

static bool cut_name(struct span *s, const char *names, unsigned *out)
{
    for (unsigned i = 0; names[(size_t)i * 3] != '\0'; i++)
        if (s->n >= 3 && memcmp(s->p, names + (size_t)i * 3, 3) == 0) {
            *s = (struct span){s->p + 3, s->n - 3};
            *out = i;
            return true;
        }
    return false;
}

bool time_parse_http(struct span text, int64_t *out_ms)
{
    struct fields f;
    unsigned weekday;

    if (!cut_name(&text, "SunMonTueWedThuFriSat", &weekday) || !cut_one_of(&text, ",") ||
        !cut_one_of(&text, " ") || !cut_number(&text, 2, &f.day) || !cut_one_of(&text, " ") ||
        !cut_name(&text, "JanFebMarAprMayJunJulAugSepOctNovDec", &f.month) ||
        !cut_one_of(&text, " ") || !cut_number(&text, 4, &f.year) || !cut_one_of(&text, " ") ||
        !cut_clock(&text, &f) || !span_eq(text, SPAN(" GMT")))
        return false;
    f.month++;
    if (!fields_are_valid(&f))
        return false;
    *out_ms = fields_to_seconds(&f) * 1000;
    return true;
}

static const struct unit {
    struct span name;
    int64_t ms;
} units[] = {
    {{"d", 1}, (int64_t)S_PER_DAY * 1000},
    {{"h", 1}, (int64_t)S_PER_H * 1000},
    {{"m", 1}, (int64_t)S_PER_MIN * 1000},
    {{"s", 1}, 1000},
    {{"ms", 2}, 1},
};

bool time_parse_duration(struct span text, int64_t *out_ms)
{
    const int64_t most = DURATION_DAYS_MAX * (int64_t)S_PER_DAY * 1000;
    int64_t number = 0;
    size_t n = 0;

    while (n < text.n && is_digit(text.p[n]) && number <= most)
        number = number * 10 + (text.p[n++] - '0');
    if (n == 0)
        return false;
    text = (struct span){text.p + n, text.n - n};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (span_eq(text, units[i].name) && number <= most / units[i].ms) {
            *out_ms = number * units[i].ms;
            return true;
        }
    return false;
}

/* ---- writing ---- */

static int64_t floor_s(int64_t ms)
{
    return ms < 0 ? 0 : ms / 1000;
}

void time_add_ms(struct buf *out, int64_t ms)
{
    struct fields f = fields_of(floor_s(ms));

    buf_printf(out, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", f.year, f.month, f.day, f.hour, f.minute,
               f.second, ms < 0 ? 0U : (unsigned)(ms % 1000));
}

void time_add_basic(struct buf *out, int64_t ms)
{
    struct fields f = fields_of(floor_s(ms));

    buf_printf(out, "%04u%02u%02uT%02u%02u%02uZ", f.year, f.month, f.day, f.hour, f.minute,
               f.second);
}

void time_add_duration(struct buf *out, int64_t ms)
{
    static const char *const names[] = {"d", "h", "min", "s", "ms"};
    size_t first = 0;
    int64_t rest;

    if (ms < 0) {
        buf_add_char(out, '-');
        ms = ms == INT64_MIN ? INT64_MAX : -ms;
    }
    while (first < 4 && ms < units[first].ms)
        first++;
    first = ms == 0 ? 3 : first;
    buf_printf(out, "%" PRId64 " %s", ms / units[first].ms, names[first]);
    /* Beside whole seconds, thousandths say nothing to a person. */
    rest = first < 3 ? ms % units[first].ms / units[first + 1].ms : 0;
    if (rest > 0)
        buf_printf(out, " %" PRId64 " %s", rest, names[first + 1]);
}
