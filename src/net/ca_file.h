/* Where the certificates of the authorities are that this machine trusts. Not thread-safe against
 * changes of the environment. */
#ifndef ROSTER_NET_CA_FILE_H
#define ROSTER_NET_CA_FILE_H

/* In this order: AWS_CA_BUNDLE as in every AWS SDK, SSL_CERT_FILE as in OpenSSL, the file that
 * libcurl was built for, those of other systems, ca-bundle.crt beside the program. NULL: none of
 * them is there. The caller frees. *out_folder: SSL_CERT_DIR, or NULL. */
char *ca_file_find(const char **out_folder);

#endif
