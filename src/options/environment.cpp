#include <kusto/options.hpp>

#include <algorithm>
#include <base/endpoint_url.hpp>
#include <base/environment.hpp>
#include <base/secret.hpp>
#include <vector>

namespace kusto
{

namespace
{

/// Variables that stand for a credential of their own, without an application's secret.
constexpr char const* other_credentials[] = {"AZURE_FEDERATED_TOKEN_FILE",
                                             "AZURE_TOKEN_CREDENTIALS",
                                             "IDENTITY_ENDPOINT",
                                             "MSI_ENDPOINT",
                                             "IMDS_ENDPOINT",
                                             "AZURE_POD_IDENTITY_AUTHORITY_HOST"};
constexpr char const* application_variables[] = {
    "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"};

bool is_set(char const* name)
{
    return !base::environment_variable(name).empty();
}

template <std::size_t Size>
bool any_set(char const* const (&names)[Size])
{
    return std::any_of(std::begin(names), std::end(names), is_set);
}

[[noreturn]] void refuse(std::string why)
{
    throw error(failure(errc::invalid_option, stage::options, std::move(why)));
}

bool is_loopback(std::string const& cluster_url)
{
    auto const parsed = base::parse_endpoint(cluster_url);
    return parsed && parsed->is_loopback();
}

/// The chain would pass over an application whose proof is there and whose name is not, and end
/// with whatever else the machine offers.
void check_application()
{
    bool const secret = is_set("AZURE_CLIENT_SECRET");
    if ((!secret && !is_set("AZURE_CLIENT_CERTIFICATE_PATH")) || any_set(other_credentials))
        return;
    std::string missing;
    for (char const* name : {"AZURE_CLIENT_ID", "AZURE_TENANT_ID"})
    {
        if (!is_set(name))
            missing.append(missing.empty() ? "" : ", ").append(name);
    }
    if (!missing.empty())
        refuse(std::string("environment variables are missing beside ") +
               (secret ? "AZURE_CLIENT_SECRET" : "AZURE_CLIENT_CERTIFICATE_PATH") + ": " + missing);
}

credential credential_from_environment(std::string const& cluster_url)
{
    check_application();
    bool const nothing = !any_set(application_variables) && !any_set(other_credentials);
    return nothing && is_loopback(cluster_url) ? credential::none() : credential::default_chain();
}

connection_options from_text(std::string text)
{
    // One buffer, so that the secrets in it are wiped whatever happens.
    base::secret const kept(std::move(text));
    try
    {
        return connection_options::from_connection_string(kept.reveal());
    }
    catch (error const& e)
    {
        throw error(failure(e.why().code(), e.why().where(),
                            "KUSTO_CONNECTION_STRING: " + e.why().message()));
    }
}

connection_options base_from_environment()
{
    auto text = base::environment_variable("KUSTO_CONNECTION_STRING");
    if (!text.empty())
        return from_text(std::move(text));
    auto const url = base::environment_variable("KUSTO_CLUSTER_URL");
    if (url.empty())
        refuse("environment variable KUSTO_CONNECTION_STRING or KUSTO_CLUSTER_URL is missing");
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
    auto const application = base::environment_variable("KUSTO_APPLICATION_NAME");
    if (!application.empty())
        options.application_name(application);
    return options;
}

} // namespace kusto
