#include <net/tls_fault.hpp>

#include <openssl/x509_vfy.h>

namespace kusto::net
{

std::optional<tls_fault> fault_of(long verdict) noexcept
{
    switch (verdict)
    {
    case X509_V_OK:
        return std::nullopt;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return tls_fault::not_yet_valid;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return tls_fault::expired;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return tls_fault::wrong_name;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
    // An authority of the same name, with another key.
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return tls_fault::unknown_issuer;
    default:
        return tls_fault::other;
    }
}

std::string_view advice_on(tls_fault what) noexcept
{
    switch (what)
    {
    case tls_fault::not_yet_valid:
        return "set this machine's clock if it is behind; else the server must present a "
               "certificate that is valid already";
    case tls_fault::expired:
        return "check this machine's clock; if it is right, the server's owner must renew the "
               "certificate";
    case tls_fault::wrong_name:
        return "the certificate is of another host: check the host in the URL, and where its name "
               "leads to";
    case tls_fault::unknown_issuer:
        return "if its authority is to be trusted, set ca_file";
    case tls_fault::other:
        break;
    }
    return "the server's owner must replace it";
}

} // namespace kusto::net
