#!/bin/sh
# Makes the certificates beside it anew, with OpenSSL 3. They are for tests alone, and hold for a hundred years.
#
#   ca.pem             the authority that the tests trust; its key is thrown away
#   server.pem         localhost, 127.0.0.1, ::1, of that authority
#   other.pem          other.test, of that authority
#   client.pem         a client, of that authority
#   expired.pem        localhost, of that authority, over since 2001
#   self-signed.pem    localhost, of no authority
#
# Each but the authority has its private key beside it, in -key.pem.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/ca.cnf" <<CONFIG
[ca]
default_ca = tests
[tests]
certificate = ca.pem
private_key = $folder/ca-key.pem
new_certs_dir = $folder
database = $folder/index
rand_serial = yes
unique_subject = no
policy = any
[any]
commonName = supplied
CONFIG
: >"$folder/index"

# key, certificate, subject, extensions, first and last day, who signs
certify() {
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
  openssl req -new -key "$1" -subj "/CN=$3" -out "$folder/request"
  printf '%s\n' "$4" >"$folder/extensions"
  openssl ca -batch -notext -md sha256 -config "$folder/ca.cnf" -in "$folder/request" -extfile "$folder/extensions" \
    -startdate "$5" -enddate "$6" -out "$2" ${7:-} ${7:+-keyfile "$1"}
}

from=20200101000000Z
to=21200101000000Z
end="basicConstraints=CA:false"
local="subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"

certify "$folder/ca-key.pem" ca.pem "tsyncio tests" "basicConstraints=critical,CA:true
keyUsage=critical,keyCertSign
subjectKeyIdentifier=hash" $from $to -selfsign
certify server-key.pem server.pem localhost "$end
$local" $from $to
certify other-key.pem other.pem other.test "$end
subjectAltName=DNS:other.test" $from $to
certify client-key.pem client.pem "a client" "$end
extendedKeyUsage=clientAuth" $from $to
certify expired-key.pem expired.pem localhost "$end
$local" 20000101000000Z 20010101000000Z
certify self-signed-key.pem self-signed.pem localhost "$local" $from $to -selfsign
chmod 644 ./*.pem
