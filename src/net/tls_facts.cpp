#include <net/tls_facts.hpp>

#include <algorithm>
#include <ctime>
#include <memory>
#include <openssl/bio.h>

namespace kusto::net
{

namespace
{

/// Control characters and what is not ASCII are escaped (RFC 2253).
std::string text_of(X509_NAME const* name)
{
    constexpr std::size_t most = 512;
    std::unique_ptr<BIO, decltype(&BIO_free)> const into(BIO_new(BIO_s_mem()), &BIO_free);
    if (!into || X509_NAME_print_ex(into.get(), name, 0, XN_FLAG_RFC2253) < 0)
        return std::string();
    char* data = nullptr;
    auto const size = BIO_get_mem_data(into.get(), &data);
    return size <= 0 ? std::string() : std::string(data, (std::min)(std::size_t(size), most));
}

std::chrono::system_clock::time_point point_of(ASN1_TIME const* time)
{
    std::tm parts = {};
    if (ASN1_TIME_to_tm(time, &parts) != 1)
        return std::chrono::system_clock::time_point();
    // Later years than this the clock cannot hold.
    parts.tm_year = (std::min)(parts.tm_year, 2200 - 1900);
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

} // namespace

tls_facts certificate_facts(X509 const* certificate)
{
    tls_facts found;
    if (certificate == nullptr)
        return found;
    found.subject = text_of(X509_get_subject_name(certificate));
    found.issuer = text_of(X509_get_issuer_name(certificate));
    found.not_after = point_of(X509_get0_notAfter(certificate));
    return found;
}

} // namespace kusto::net
