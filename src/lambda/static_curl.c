/* Only for the static program of a deployment package. Debian's libcurl.a mentions libraries of
 * protocols that Roster never speaks (LDAP, RTMP, and Kerberos as a way to sign in over HTTP), and
 * Debian has no static form of some of them. Nothing reaches them: the HTTP client allows http and
 * https alone (CURLOPT_PROTOCOLS_STR), and asks for no way to sign in. Should that ever be wrong,
 * the program ends here, and says so. */
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void end(const char *name)
{
    (void)fprintf(stderr, "bootstrap: libcurl has called %s, which a static build lacks\n", name);
    abort();
}

#define STAND_IN(name)                                                                             \
    void name(void);                                                                               \
    void name(void)                                                                                \
    {                                                                                              \
        end(#name);                                                                                \
    }

/* A variable of the GSS-API (RFC 2744). */
extern void *GSS_C_NT_HOSTBASED_SERVICE;
void *GSS_C_NT_HOSTBASED_SERVICE;

STAND_IN(RTMP_Alloc)
STAND_IN(RTMP_Close)
STAND_IN(RTMP_Connect1)
STAND_IN(RTMP_ConnectStream)
STAND_IN(RTMP_Free)
STAND_IN(RTMP_Init)
STAND_IN(RTMP_Read)
STAND_IN(RTMP_SetBufferMS)
STAND_IN(RTMP_SetupURL)
STAND_IN(RTMP_Write)
STAND_IN(ber_bvfree)
STAND_IN(ber_free)
STAND_IN(ber_memfree)
STAND_IN(ber_memvfree)
STAND_IN(ber_sockbuf_add_io)
STAND_IN(gss_delete_sec_context)
STAND_IN(gss_display_name)
STAND_IN(gss_display_status)
STAND_IN(gss_import_name)
STAND_IN(gss_init_sec_context)
STAND_IN(gss_inquire_context)
STAND_IN(gss_release_buffer)
STAND_IN(gss_release_name)
STAND_IN(gss_unwrap)
STAND_IN(gss_wrap)
STAND_IN(ldap_abandon_ext)
STAND_IN(ldap_err2string)
STAND_IN(ldap_free_urldesc)
STAND_IN(ldap_get_attribute_ber)
STAND_IN(ldap_get_dn_ber)
STAND_IN(ldap_get_option)
STAND_IN(ldap_init_fd)
STAND_IN(ldap_memfree)
STAND_IN(ldap_msgfree)
STAND_IN(ldap_msgtype)
STAND_IN(ldap_parse_result)
STAND_IN(ldap_parse_sasl_bind_result)
STAND_IN(ldap_pvt_url_scheme2proto)
STAND_IN(ldap_result)
STAND_IN(ldap_sasl_bind)
STAND_IN(ldap_search_ext)
STAND_IN(ldap_set_option)
STAND_IN(ldap_start_tls)
STAND_IN(ldap_unbind_ext)
STAND_IN(ldap_url_parse)
