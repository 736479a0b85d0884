# Debian 13 as debootstrap makes it, and this machine's certificates, so that pip and npm reach what
# they reach outside.
FROM scratch
ADD root.tar /
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
