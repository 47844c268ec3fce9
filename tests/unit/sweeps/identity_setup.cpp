#include "identity_setup.hpp"

#include <auth/managed_identity_source.hpp>
#include <base/base64.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <kusto/log.hpp>
#include <set>
#include <support/test_certificates.hpp>

namespace kusto::test
{

namespace
{

constexpr char const* client_id = happy_identity::client_id;
constexpr char const* tenant = "contoso.com";
constexpr char const* federated_token = "CANARY.federated.token";

/// What is wrong with an assertion that is signed with the usual key.
std::string judge_assertion(std::string const& assertion, std::set<std::string>& ids,
                            std::int64_t now)
{
    auto const first = assertion.find('.');
    auto const last = assertion.rfind('.');
    if (first == assertion.npos || first == last)
        return "no JWT";
    auto const payload = base::base64url_decode(assertion.substr(first + 1, last - first - 1));
    auto const signature = base::base64url_decode(assertion.substr(last + 1));
    if (!payload || !signature ||
        !verifies_pss(usual_key(), assertion.substr(0, last), *signature, 32))
        return "an assertion with another signature";
    auto const claims = boost::json::parse(*payload).as_object();
    auto const text = [&](char const* name)
    { return std::string(claims.at(name).as_string().c_str()); };
    if (text("iss") != client_id || text("sub") != client_id ||
        text("aud") != "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token")
        return "an assertion about somebody else";
    if (!ids.insert(text("jti")).second)
        return "an assertion that was used before";
    bool const in_time = claims.at("nbf").as_int64() <= now && now < claims.at("exp").as_int64();
    return in_time ? "" : "an assertion that is not valid now";
}

std::int64_t seconds_of(manual_clock const& time)
{
    auto const since = time.utc_now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

} // namespace

char const* to_string(way how) noexcept
{
    constexpr char const* names[] = {
        "certificate", "workload identity", "IMDS",        "IMDS, probed", "App Service",
        "Azure Arc",   "environment",       "device code", "chain",        "default chain"};
    return names[static_cast<std::size_t>(how)];
}

identity_setup::identity_setup(world& where, way how) : world_(where), how_(how)
{
    for (char const* name : {"IDENTITY_ENDPOINT",
                             "IDENTITY_HEADER",
                             "IDENTITY_SERVER_THUMBPRINT",
                             "IMDS_ENDPOINT",
                             "MSI_ENDPOINT",
                             "MSI_SECRET",
                             "DEFAULT_IDENTITY_CLIENT_ID",
                             "AZURE_CLIENT_ID",
                             "AZURE_POD_IDENTITY_AUTHORITY_HOST",
                             "AZURE_TENANT_ID",
                             "AZURE_CLIENT_SECRET",
                             "AZURE_CLIENT_CERTIFICATE_PATH",
                             "AZURE_FEDERATED_TOKEN_FILE",
                             "AZURE_AUTHORITY_HOST",
                             "AZURE_TOKEN_CREDENTIALS",
                             "AZURE_KUBERNETES_TOKEN_PROXY",
                             "AZURE_KUBERNETES_SNI_NAME",
                             "AZURE_KUBERNETES_CA_FILE",
                             "AZURE_KUBERNETES_CA_DATA",
                             "AadAuthorityUri"})
        environment_.unset(name);
    prepare();
}

void identity_setup::prepare()
{
    auto& issuer = world_.service->identity();
    switch (how_)
    {
    case way::certificate:
        return prepare_certificate();
    case way::workload_identity:
    case way::default_chain:
        return prepare_federation();
    case way::imds:
        return issuer.expect_selector("client_id");
    case way::app_service:
        issuer.expect_selector("principal_id");
        environment_.set("IDENTITY_ENDPOINT", "http://localhost:42356/msi/token");
        environment_.set("IDENTITY_HEADER", happy_identity::identity_header);
        return;
    case way::azure_arc:
        issuer.write_keys_to(files_.path());
        environment_.set("IDENTITY_ENDPOINT",
                         "http://localhost:40342/metadata/identity/oauth2/token");
        environment_.set("IMDS_ENDPOINT", "http://localhost:40342");
        return;
    case way::environment:
        environment_.set("AZURE_CLIENT_ID", client_id);
        environment_.set("AZURE_TENANT_ID", tenant);
        environment_.set("AZURE_CLIENT_SECRET", happy_identity::client_secret);
        return;
    case way::chain:
        return issuer.without_imds();
    case way::imds_probed:
    case way::device_code:
        return;
    }
}

void identity_setup::prepare_certificate()
{
    auto const ids = std::make_shared<std::set<std::string>>();
    world_.service->identity().expect_assertions(
        [ids, &time = world_.time](std::string const& assertion)
        { return judge_assertion(assertion, *ids, seconds_of(time)); });
}

void identity_setup::prepare_federation()
{
    std::ofstream(files_.file("token")) << federated_token << '\n';
    environment_.set("AZURE_CLIENT_ID", client_id);
    environment_.set("AZURE_TENANT_ID", tenant);
    environment_.set("AZURE_FEDERATED_TOKEN_FILE", files_.file("token"));
    world_.service->identity().expect_assertions(
        [](std::string const& assertion) -> std::string
        { return assertion == federated_token ? "" : "another federated token"; });
}

credential identity_setup::who() const
{
    switch (how_)
    {
    case way::certificate:
    {
        static std::string const pem = pem_identity();
        return credential::client_certificate(client_id, certificate_source::memory(pem), tenant);
    }
    case way::workload_identity:
        return credential::workload_identity();
    case way::imds:
        return credential::managed_identity(identity_id::client(client_id));
    case way::app_service:
        return credential::managed_identity(identity_id::object(client_id));
    case way::imds_probed:
    case way::azure_arc:
        return credential::managed_identity();
    case way::environment:
        return credential::environment();
    case way::device_code:
        return credential::device_code([](device_prompt const&) {});
    case way::chain:
        break;
    case way::default_chain:
        return credential::default_chain();
    }
    auto secret = credential::client_secret(client_id, happy_identity::client_secret, tenant);
    return credential::chain({credential::managed_identity(), std::move(secret)});
}

connection_options identity_setup::options() const
{
    auto options = world::options();
    options.who(who());
    options.log(log_level::trace,
                [log = log_](log_event const& event) { *log += to_text(event) + '\n'; });
    return options;
}

std::shared_ptr<auth::token_source> identity_setup::make_source() const
{
    auth::source_context with(world_.service, options(), world_.time);
    with.probing = how_ == way::imds_probed;
    if (how_ != way::azure_arc)
        return auth::make_source(who(), with);
    auth::arc_places const places("/nonexistent/himds", files_.path());
    return auth::make_managed_identity_source(kusto::detail::managed_identity_data(),
                                              who().describe(), with, places);
}

std::optional<bool> identity_setup::survives(request_kind what, mishap grief) const
{
    // Whatever the probe met: IMDS is not there.
    if (how_ == way::chain && what == request_kind::imds_probe)
        return true;
    // A refresh token that is refused is replaced by the person.
    bool const refused = grief == mishap::unauthorized || grief == mishap::forbidden ||
                         grief == mishap::gone || grief == mishap::conflict;
    if (how_ == way::device_code && what == request_kind::token && refused)
        return true;
    return std::nullopt;
}

std::string identity_setup::check_log() const
{
    return world_.service->identity().is_told_in(*log_) ? "the log tells a secret: " + *log_ : "";
}

} // namespace kusto::test
