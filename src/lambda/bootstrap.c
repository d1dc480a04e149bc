/* The program of a deployment package: what the same sources are without the daemon and the
 * commands. `roster` itself does the same where AWS Lambda starts it. */
#include <nss.h>
#include <stdio.h>
#include <unistd.h>

#include "lambda/lambda.h"

enum { BAD_USAGE = 64 };

int main(void)
{
    const char *const *environment = (const char *const *)environ;

    /* A static program must not load the name service modules of another system's C library,
     * whatever its nsswitch.conf says; these two are built in (glibc 2.34 and later). */
    (void)__nss_configure_lookup("hosts", "files dns");
    if (lambda_is_asked_for(environment))
        return lambda_run(environment);
    (void)fputs("bootstrap: this is Roster for AWS Lambda, which starts it with "
                "AWS_LAMBDA_RUNTIME_API set; elsewhere use roster\n",
                stderr);
    return BAD_USAGE;
}
