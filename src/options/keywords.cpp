#include <options/keywords.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <vector>

namespace kusto::options
{

namespace
{

constexpr std::string_view no_store =
    "there is no certificate store here; use `Application Certificate Path` or `Application "
    "Certificate Blob`, which need no thumbprint and no names";
constexpr std::string_view no_user =
    "a user would have to be asked, or sign in with a password, which works without multi-factor "
    "authentication only; use `Application Client Id` with a key or a certificate, or "
    "`Credential=azure cli`";
constexpr std::string_view no_interaction =
    "a connection string cannot ask a person; use `Credential=azure cli`, or "
    "credential::device_code in code";
constexpr std::string_view no_reading =
    "it tunes how results are read, which has no meaning here; remove it";

constexpr known_keyword keywords[] = {
    {keyword::data_source, "Data Source", {}},
    {keyword::data_source, "Data Source Uri", {}},
    {keyword::initial_catalog, "Initial Catalog", {}},
    {keyword::federated_security, "AAD Federated Security", {}},
    {keyword::authority_id, "Authority Id", {}},
    {keyword::application_client_id, "Application Client Id", {}},
    {keyword::application_key, "Application Key", {}},
    {keyword::certificate_blob, "Application Certificate Blob", {}},
    {keyword::certificate_private_key, "Application Certificate PrivateKey", {}},
    {keyword::certificate_path, "Application Certificate Path", {}},
    {keyword::certificate_password, "Application Certificate Password", {}},
    {keyword::certificate_send_chain, "Application Certificate SendX5c", {}},
    {keyword::application_token, "Application Token", {}},
    {keyword::user_token, "User Token", {}},
    {keyword::credential, "Credential", {}},
    {keyword::managed_identity, "Managed Identity", {}},
    {keyword::application_name, "Application Name for Tracing", {}},
    {keyword::application_version, "Application Version for Tracing", {}},
    {keyword::user_name, "User Name for Tracing", {}},
    {keyword::client_version, "Client Version for Tracing", {}},
    {keyword::unsupported, "dSTS Federated Security",
     "dSTS exists inside of Microsoft only; use a credential of Microsoft Entra ID, for example "
     "`Application Client Id` with a key or a certificate, or `Managed Identity`"},
    {keyword::unsupported, "Application Certificate Thumbprint", no_store},
    {keyword::unsupported, "Application Certificate Issuer Distinguished Name", no_store},
    {keyword::unsupported, "Application Certificate Subject Distinguished Name", no_store},
    {keyword::unsupported, "User ID", no_user},
    {keyword::unsupported, "Password", no_user},
    {keyword::unsupported, "Interactive Login", no_interaction},
    {keyword::unsupported, "MSI Authentication", "use `Managed Identity=system`"},
    {keyword::unsupported, "MSI Params",
     "use `Managed Identity` with a client id, `object:` and an object id, or a resource id"},
    {keyword::unsupported, "AZ CLI", "use `Credential=azure cli`"},
    {keyword::unsupported, "Azure Region",
     "regional sign-in is for Microsoft's own services; remove it, or set "
     "connection_options::authority_host in code"},
    {keyword::unsupported, "EnforceMfa",
     "whether a second factor is needed is the directory's and the cluster's to say; remove it"},
    {keyword::unsupported, "Namespace",
     "it belongs to other transports than HTTP; remove it and give the cluster's URL as `Data "
     "Source`"},
    {keyword::unsupported, "Query Consistency", no_reading},
    {keyword::unsupported, "Streaming", no_reading},
    {keyword::unsupported, "Uncompressed", no_reading},
    {keyword::unsupported, "Accept", no_reading},
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
    {"applicationcertificate", "Application Certificate Path"},
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
    {"msi", "MSI Authentication"},
    {"msiauth", "MSI Authentication"},
    {"msi_auth", "MSI Authentication"},
    {"msi_params", "MSI Params"},
    {"msi_type", "MSI Params"},
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

std::string_view name_of(keyword meaning) noexcept
{
    for (auto const& one : keywords)
    {
        if (one.meaning == meaning)
            return one.name;
    }
    return {};
}

bool is_secret(known_keyword const& which) noexcept
{
    switch (which.meaning)
    {
    case keyword::application_key:
    case keyword::certificate_blob:
    case keyword::certificate_private_key:
    case keyword::certificate_password:
    case keyword::application_token:
    case keyword::user_token:
        return true;
    default:
        return false;
    }
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
