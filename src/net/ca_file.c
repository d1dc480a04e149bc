/* A program that is linked statically runs on other systems than the one that it was built on, and
 * libcurl knows that one's path only: AWS Lambda's runs on Amazon Linux 2023. */
#include "net/ca_file.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"

static const char *const places[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Ubuntu, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Amazon Linux, Fedora, Red Hat */
    "/etc/ssl/ca-bundle.pem",             /* SUSE */
    "/etc/ssl/cert.pem",                  /* Alpine, BSD */
};

static const char *setting(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || value[0] == '\0' ? NULL : value;
}

/* NULL when there is none. */
static char *beside_program(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    char *slash, *file;

    if (n <= 0)
        return NULL;
    path[n] = '\0';
    slash = strrchr(path, '/');
    if (slash == NULL)
        return NULL;
    *slash = '\0';
    file = mem_printf("%s/ca-bundle.crt", path);
    if (fs_exists(file))
        return file;
    free(file);
    return NULL;
}

char *ca_file_find(const char **out_folder)
{
    const char *own = curl_version_info(CURLVERSION_NOW)->cainfo;
    const char *file = setting("AWS_CA_BUNDLE");

    *out_folder = setting("SSL_CERT_DIR");
    if (file == NULL)
        file = setting("SSL_CERT_FILE");
    if (file == NULL && own != NULL && fs_exists(own))
        file = own;
    for (size_t i = 0; file == NULL && i < sizeof(places) / sizeof(places[0]); i++)
        if (fs_exists(places[i]))
            file = places[i];
    return file == NULL ? beside_program() : mem_dup_str(file);
}
