#include "estate.hpp"

#include <base/base64.hpp>
#include <base/percent.hpp>
#include <boost/json.hpp>
#include <cstdlib>
#include <emulator/https_client.hpp>
#include <filesystem>
#include <fstream>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <sstream>
#include <stdexcept>
#include <support/test_certificates.hpp>
#include <unistd.h>

namespace kusto::test
{

namespace fs = std::filesystem;
namespace json = boost::json;

namespace
{

constexpr char const* subject = "system:serviceaccount:telemetry:shipper";
constexpr char const* rotated = "shipper.example.org";

/// The certificate that the application is registered with.
test_certificate const& registered()
{
    static test_certificate const made = make_certificate();
    return made;
}

/// May issue others.
test_certificate const& authority()
{
    static test_certificate const made = []
    {
        certificate_plan plan;
        plan.subject = plan.issuer = "authority";
        plan.key = plan.issuer_key = usual_key(1);
        auto const certificate = make_certificate(plan);
        auto* const extension =
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
        bool const good = X509_add_ext(certificate.get(), extension, -1) == 1 &&
                          X509_sign(certificate.get(), plan.key.get(), EVP_sha256()) > 0;
        X509_EXTENSION_free(extension);
        if (!good)
            throw std::runtime_error("no authority");
        return certificate;
    }();
    return made;
}

test_certificate issued(std::chrono::system_clock::time_point until)
{
    certificate_plan plan;
    plan.subject = rotated;
    plan.issuer = "authority";
    plan.issuer_key = usual_key(1);
    plan.not_after = until;
    return make_certificate(plan);
}

std::vector<std::string> pieces_of(std::string const& text)
{
    constexpr std::size_t size = 64;
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i + size <= text.size(); i += size)
        pieces.push_back(text.substr(i, size));
    return pieces;
}

constexpr char const* azure_cli = R"sh(cd "$(dirname "$0")"
echo "$@" >> az-arguments
tr '\0' ' ' < /proc/$PPID/cmdline >> az-arguments
case "$*" in
"account get-access-token --output json --scope https://kusto.kusto.windows.net/.default") ;;
*) echo "unrecognized arguments: $*" >&2; exit 2 ;;
esac
case "$(cat az-mode 2> /dev/null)" in
refused) echo "Please run 'az login' to setup account." >&2; exit 1 ;;
repeats) cat az-answer az-token >&2; exit 3 ;;
silent) exec sleep 20 ;;
malformed) cat az-token; exit 0 ;;
unavailable) cat az-token >&2; exit 127 ;;
esac
cat az-answer
)sh";

} // namespace

std::vector<std::string> lines_of(std::string const& pem)
{
    std::vector<std::string> lines;
    std::istringstream in(pem);
    for (std::string line; std::getline(in, line);)
    {
        if (!line.starts_with("-----"))
            lines.push_back(line);
    }
    return lines;
}

arc_directory::arc_directory()
{
    for (char const* const each : {"/var/opt/azcmagent", "/var/opt/azcmagent/tokens"})
    {
        std::error_code refused;
        if (fs::create_directory(each, refused))
            made_.emplace_back(each);
    }
    usable_ = ::access(path().c_str(), W_OK) == 0;
}

arc_directory::~arc_directory()
{
    std::error_code ignored;
    for (auto one = made_.rbegin(); one != made_.rend(); ++one)
        fs::remove(*one, ignored);
}

std::string arc_directory::path() const
{
    return "/var/opt/azcmagent/tokens";
}

estate::estate(estate_plan plan)
    : secret(plan.secret),
      plan_(std::move(plan)),
      cluster(settings(plan_))
{
    (void)cluster.execute("NetDefaultDB", ".create table Readings (Id: long, Text: string)");
    write("ca.pem", cluster.ca_pem());
    write("federated.jwt", federated_token() + '\n');
    write_certificates();
}

emulator::cluster_options estate::settings(estate_plan plan) const
{
    auto const& usual = plan.cluster;
    plan.cluster.application(usual.tenant(), usual.client_id(), secret);
    plan.sign_in.certificate(pem(registered()))
        .subject(emulator::subject_registration(rotated, pem(authority())))
        .federated(emulator::federated_credential("https://platform.local", subject,
                                                  platform_.public_pem()));
    plan.sign_in.device_code(std::chrono::minutes(15), std::chrono::seconds(1));
    emulator::managed_identity_options machines;
    machines.user_assigned(emulator::managed_identity(user_client, user_object, user_resource));
    if (arc.is_usable())
        machines.arc_directory(arc.path());
    plan.cluster.sign_in(plan.sign_in).managed_identities(machines);
    if (!plan.public_host.empty())
        plan.cluster.also_named(plan.public_host)
            .also_named("ingest-" + plan.public_host)
            .also_named(plan.public_login)
            .metadata_endpoints("https://" + plan.public_host, "https://ingest-" + plan.public_host,
                                "https://" + plan.public_login);
    return plan.cluster;
}

void estate::write_certificates() const
{
    using std::chrono::hours;
    auto const now = std::chrono::system_clock::now();
    auto const key = pem(usual_key());
    write("app.pem", key + pem(registered()));
    write("locked.pem", pem(registered()) + pem(usual_key(), password));
    write("app.pfx", pfx(usual_key(), registered(), {}, password.c_str()));
    write("chain.pem", key + pem(issued(now + hours(24))) + pem(authority()));
    write("expired.pem", key + pem(issued(now - hours(24))));
    write("stranger.pem", pem(usual_key(1)) + pem(authority()));
}

void estate::write(std::string const& name, std::string const& content) const
{
    // At once, as platforms do it.
    std::ofstream(file(name + ".new"), std::ios::binary) << content;
    fs::rename(file(name + ".new"), file(name));
}

std::string estate::place() const
{
    auto const& host = plan_.public_host;
    return "Data Source=" + (host.empty() ? cluster.engine_url() : "https://" + host);
}

std::string estate::application(std::string const& tenant) const
{
    auto const& known = cluster.options();
    return place() + ";Application Client Id=" + known.client_id() +
           ";Authority Id=" + (tenant.empty() ? known.tenant() : tenant);
}

void estate::enter(scoped_environment& environment) const
{
    std::vector<std::string> names{"IDENTITY_ENDPOINT",
                                   "IDENTITY_HEADER",
                                   "IDENTITY_SERVER_THUMBPRINT",
                                   "IMDS_ENDPOINT",
                                   "MSI_ENDPOINT",
                                   "MSI_SECRET",
                                   "DEFAULT_IDENTITY_CLIENT_ID",
                                   "AadAuthorityUri",
                                   "HTTPS_PROXY",
                                   "https_proxy",
                                   "ALL_PROXY",
                                   "all_proxy",
                                   "NO_PROXY",
                                   "no_proxy"};
    for (char** each = ::environ; *each != nullptr; ++each)
    {
        std::string const line(*each);
        if (line.starts_with("AZURE_") || line.starts_with("KUSTO_"))
            names.push_back(line.substr(0, line.find('=')));
    }
    for (auto const& name : names)
        environment.unset(name);
    environment.set("KUSTO_CA_FILE", file("ca.pem"));
    if (plan_.public_host.empty())
        environment.set("KUSTO_INGESTION_URL", cluster.ingestion_url());
}

void estate::enter(scoped_environment& environment, emulator::identity_host host) const
{
    for (auto const& [name, value] : cluster.identity_environment(host))
        environment.set(name, value);
}

void estate::name_application(scoped_environment& environment) const
{
    environment.set("AZURE_TENANT_ID", cluster.options().tenant());
    environment.set("AZURE_CLIENT_ID", cluster.options().client_id());
}

std::string estate::federated_token(std::string const& issuer, std::chrono::seconds age) const
{
    auto const now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    json::object header;
    header["alg"] = "RS256";
    header["kid"] = "1";
    json::object claims;
    claims["iss"] = issuer;
    claims["sub"] = subject;
    claims["aud"] = "api://AzureADTokenExchange";
    claims["nbf"] = now - age.count() - 60;
    claims["exp"] = now - age.count() + 3600;
    return token_signing::token(header, claims, token_signing::scheme::rs256, platform_);
}

std::string estate::access_token() const
{
    auto const& known = cluster.options();
    emulator::https_client client(cluster.authority_url(), cluster.ca_pem());
    auto const reply = client.send("POST", "/" + known.tenant() + "/oauth2/v2.0/token",
                                   {{"Content-Type", "application/x-www-form-urlencoded"}},
                                   "grant_type=client_credentials&client_id=" + known.client_id() +
                                       "&client_secret=" + base::percent_encode(secret) +
                                       "&scope=https%3A%2F%2Fkusto.kusto.windows.net%2F.default");
    constexpr std::string_view name = "\"access_token\":\"";
    auto const begin = reply.body.find(name);
    if (begin == std::string::npos)
        throw std::runtime_error("no access token");
    auto const value = begin + name.size();
    return reply.body.substr(value, reply.body.find('"', value) - value);
}

void estate::install_azure_cli(std::string const& token) const
{
    auto const end = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count() +
                     3000;
    json::object answer;
    answer["accessToken"] = token;
    answer["expires_on"] = end;
    answer["tokenType"] = "Bearer";
    write("az-token", token);
    write("az-answer", json::serialize(answer));
    files.write("az", azure_cli);
}

std::vector<std::string> estate::secrets() const
{
    auto all = lines_of(pem(usual_key()));
    auto const locked = files.read("locked.pem");
    for (auto const& pieces :
         {lines_of(locked.substr(locked.find("-----BEGIN ENCRYPTED"))), lines_of(pem(usual_key(1))),
          pieces_of(base::base64_encode(files.read("app.pfx"))),
          pieces_of(files.read("federated.jwt")), pieces_of(files.read("az-token"))})
        all.insert(all.end(), pieces.begin(), pieces.end());
    for (auto const host :
         {emulator::identity_host::app_service, emulator::identity_host::machine_learning,
          emulator::identity_host::service_fabric})
    {
        for (auto const& [name, value] : cluster.identity_environment(host))
        {
            if (name == "IDENTITY_HEADER" || name == "MSI_SECRET")
                all.push_back(value);
        }
    }
    all.push_back(secret);
    all.push_back(password);
    return all;
}

} // namespace kusto::test
