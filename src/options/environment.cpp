#include <kusto/options.hpp>

#include <base/endpoint_url.hpp>
#include <base/environment.hpp>

namespace kusto
{

namespace
{

[[noreturn]] void throw_missing(std::string const& what)
{
    throw error(failure(errc::invalid_option, stage::options, what));
}

bool is_loopback(std::string const& cluster_url)
{
    auto const parsed = base::parse_endpoint(cluster_url);
    return parsed && parsed->is_loopback();
}

credential credential_from_environment(std::string const& cluster_url)
{
    auto const id = base::environment_variable("AZURE_CLIENT_ID");
    auto const secret = base::environment_variable("AZURE_CLIENT_SECRET");
    auto const tenant = base::environment_variable("AZURE_TENANT_ID");
    std::string missing;
    auto const note = [&missing](std::string const& value, char const* name)
    {
        if (value.empty())
            missing.append(missing.empty() ? "" : ", ").append(name);
    };
    note(id, "AZURE_CLIENT_ID");
    note(secret, "AZURE_CLIENT_SECRET");
    note(tenant, "AZURE_TENANT_ID");
    if (missing.empty())
        return credential::client_secret(id, secret, tenant);
    bool const nothing_given = id.empty() && secret.empty() && tenant.empty();
    if (nothing_given && is_loopback(cluster_url))
        return credential::none();
    throw_missing("environment variables are missing: " + missing);
}

connection_options base_from_environment()
{
    auto const text = base::environment_variable("KUSTO_CONNECTION_STRING");
    if (!text.empty())
        return connection_options::from_connection_string(text);
    auto const url = base::environment_variable("KUSTO_CLUSTER_URL");
    if (url.empty())
        throw_missing("environment variable KUSTO_CONNECTION_STRING or KUSTO_CLUSTER_URL is "
                      "missing");
    return connection_options(url, credential_from_environment(url));
}

} // namespace

connection_options connection_options::from_environment()
{
    auto options = base_from_environment();
    auto const ingestion = base::environment_variable("KUSTO_INGESTION_URL");
    if (!ingestion.empty())
        options.ingestion_url(ingestion);
    auto const certificates = base::environment_variable("KUSTO_CA_FILE");
    if (!certificates.empty())
        options.ca_file(certificates);
    auto const authority = base::environment_variable("AZURE_AUTHORITY_HOST");
    if (!authority.empty())
        options.authority_host(authority);
    return options;
}

} // namespace kusto
