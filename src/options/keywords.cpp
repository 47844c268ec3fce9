#include <options/keywords.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <vector>

namespace kusto::options
{

namespace
{

constexpr known_keyword keywords[] = {
    {keyword::data_source, "Data Source"},
    {keyword::data_source, "Data Source Uri"},
    {keyword::initial_catalog, "Initial Catalog"},
    {keyword::federated_security, "AAD Federated Security"},
    {keyword::application_client_id, "Application Client Id"},
    {keyword::application_key, "Application Key"},
    {keyword::authority_id, "Authority Id"},
    {keyword::application_name, "Application Name for Tracing"},
    {keyword::unsupported, "dSTS Federated Security"},
    {keyword::unsupported, "Application Certificate Blob"},
    {keyword::unsupported, "Application Certificate Thumbprint"},
    {keyword::unsupported, "Application Certificate Issuer Distinguished Name"},
    {keyword::unsupported, "Application Certificate Subject Distinguished Name"},
    {keyword::unsupported, "Application Certificate SendX5c"},
    {keyword::unsupported, "Application Certificate PrivateKey"},
    {keyword::unsupported, "Application Token"},
    {keyword::unsupported, "User Token"},
    {keyword::unsupported, "User ID"},
    {keyword::unsupported, "Password"},
    {keyword::unsupported, "User Name for Tracing"},
    {keyword::unsupported, "Client Version for Tracing"},
    {keyword::unsupported, "Azure Region"},
    {keyword::unsupported, "Namespace"},
    {keyword::unsupported, "Query Consistency"},
    {keyword::unsupported, "Streaming"},
    {keyword::unsupported, "Uncompressed"},
    {keyword::unsupported, "EnforceMfa"},
    {keyword::unsupported, "Accept"},
};

struct alias
{
    std::string_view text; ///< normalised
    std::string_view name;
};

constexpr alias aliases[] = {
    {"server", "Data Source"},
    {"addr", "Data Source"},
    {"address", "Data Source"},
    {"networkaddress", "Data Source"},
    {"serveruri", "Data Source Uri"},
    {"clusteruri", "Data Source Uri"},
    {"database", "Initial Catalog"},
    {"federatedsecurity", "AAD Federated Security"},
    {"federated", "AAD Federated Security"},
    {"fed", "AAD Federated Security"},
    {"aadfed", "AAD Federated Security"},
    {"dstsfed", "dSTS Federated Security"},
    {"dststokentype", "dSTS Federated Security"},
    {"tenantid", "Authority Id"},
    {"tid", "Authority Id"},
    {"tenant", "Authority Id"},
    {"authority", "Authority Id"},
    {"domainhint", "Authority Id"},
    {"appclientid", "Application Client Id"},
    {"appkey", "Application Key"},
    {"appcert", "Application Certificate Thumbprint"},
    {"applicationcertificateissuer", "Application Certificate Issuer Distinguished Name"},
    {"applicationcertificatesubject", "Application Certificate Subject Distinguished Name"},
    {"applicationcertificatex5c", "Application Certificate SendX5c"},
    {"sendx5c", "Application Certificate SendX5c"},
    {"applicationcertificatesendpubliccertificate", "Application Certificate SendX5c"},
    {"sendcertificatechain", "Application Certificate SendX5c"},
    {"apptoken", "Application Token"},
    {"usrtoken", "User Token"},
    {"user", "User ID"},
    {"uid", "User ID"},
    {"loginhint", "User ID"},
    {"aaduserid", "User ID"},
    {"pwd", "Password"},
    {"traceappname", "Application Name for Tracing"},
    {"traceusername", "User Name for Tracing"},
    {"region", "Azure Region"},
    {"ns", "Namespace"},
};

/// Number of characters to insert, delete or replace (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
    {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j)
        {
            auto const replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = (std::min)({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

} // namespace

std::string normalised_keyword(std::string_view text)
{
    std::string normalised;
    for (char const c : text)
    {
        if (!base::is_blank(c))
            normalised += base::to_lower(c);
    }
    return normalised;
}

known_keyword const* find_keyword(std::string_view text)
{
    auto wanted = normalised_keyword(text);
    for (auto const& one : aliases)
    {
        if (one.text == wanted)
            wanted = normalised_keyword(one.name);
    }
    for (auto const& one : keywords)
    {
        if (normalised_keyword(one.name) == wanted)
            return &one;
    }
    return nullptr;
}

std::string_view nearest_keyword(std::string_view text)
{
    auto const wanted = normalised_keyword(text);
    auto best = (std::max<std::size_t>)(1, (std::min<std::size_t>)(4, wanted.size() / 3)) + 1;
    std::string_view nearest;
    auto const consider = [&](std::string_view candidate, std::string_view name)
    {
        auto const far = distance(wanted, candidate);
        if (far < best)
        {
            best = far;
            nearest = name;
        }
    };
    for (auto const& one : keywords)
        consider(normalised_keyword(one.name), one.name);
    for (auto const& one : aliases)
        consider(one.text, one.name);
    return nearest;
}

} // namespace kusto::options
