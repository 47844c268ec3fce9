#include <auth/sources.hpp>

#include <base/ascii.hpp>
#include <base/environment.hpp>
#include <utility>
#include <vector>

namespace kusto::auth
{

namespace
{

std::string variable(char const* name)
{
    return base::environment_variable(name);
}

bool is_set(char const* name)
{
    return !variable(name).empty();
}

bool is_true(char const* name)
{
    auto const text = variable(name);
    return text == "1" || base::equal_ignoring_case(text, "true");
}

void list(std::string& text, std::string_view between, std::string_view name)
{
    text.append(text.empty() ? "" : between).append(name);
}

/// Names only: the values are nobody's business.
failure incomplete()
{
    std::string set;
    std::string missing;
    for (char const* name : {"AZURE_TENANT_ID", "AZURE_CLIENT_ID"})
        list(is_set(name) ? set : missing, ", ", name);
    bool const has_proof = is_set("AZURE_CLIENT_SECRET") || is_set("AZURE_CLIENT_CERTIFICATE_PATH");
    for (char const* name : {"AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"})
    {
        if (is_set(name))
            list(set, ", ", name);
    }
    if (!has_proof)
        list(missing, ", ", "AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH");
    std::string message = "the environment sets ";
    message += set.empty() ? "none of " : set + " but not ";
    message += missing;
    if (!has_proof && is_set("AZURE_USERNAME"))
        message += "; signing in with AZURE_USERNAME and AZURE_PASSWORD is not supported";
    return failure(errc::credential_unavailable, stage::token, std::move(message));
}

credential application_of_environment()
{
    auto id = variable("AZURE_CLIENT_ID");
    auto tenant = variable("AZURE_TENANT_ID");
    auto secret = variable("AZURE_CLIENT_SECRET");
    if (!secret.empty())
        return credential::client_secret(std::move(id), std::move(secret), std::move(tenant));
    auto certificate = certificate_source::file(variable("AZURE_CLIENT_CERTIFICATE_PATH"));
    certificate.password(variable("AZURE_CLIENT_CERTIFICATE_PASSWORD"));
    certificate.send_chain(is_true("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"));
    return credential::client_certificate(std::move(id), std::move(certificate), std::move(tenant));
}

/// A certificate is looked at when it is used and not here: what is wrong with its file may pass,
/// and the file is read anew each time.
std::vector<std::string> lasting_problems()
{
    auto id = variable("AZURE_CLIENT_ID");
    auto tenant = variable("AZURE_TENANT_ID");
    auto secret = variable("AZURE_CLIENT_SECRET");
    if (!secret.empty())
        return credential::client_secret(std::move(id), std::move(secret), std::move(tenant))
            .problems();
    auto const none = certificate_source::memory(std::string());
    auto found = credential::client_certificate(std::move(id), none, std::move(tenant)).problems();
    if (!found.empty())
        found.pop_back(); // that there is no certificate
    return found;
}

} // namespace

source_ptr make_environment_source(source_context const& with)
{
    bool const complete =
        is_set("AZURE_TENANT_ID") && is_set("AZURE_CLIENT_ID") &&
        (is_set("AZURE_CLIENT_SECRET") || is_set("AZURE_CLIENT_CERTIFICATE_PATH"));
    if (!complete)
        return make_failing_source(incomplete());
    auto const wrong = lasting_problems();
    if (wrong.empty())
        return make_source(application_of_environment(), with);
    return make_failing_source(failure(errc::invalid_option, stage::token,
                                       "the environment's AZURE_* variables: " + wrong.front()));
}

} // namespace kusto::auth
