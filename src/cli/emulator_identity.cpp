#include <cli/emulator_identity.hpp>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace kusto::cli
{

namespace
{

std::string read_file(std::string const& path)
{
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in)
        throw std::runtime_error("cannot read '" + path + "'");
    return text.str();
}

struct named_host
{
    emulator::identity_host host;
    char const* name;
};

constexpr named_host hosts[] = {
    {emulator::identity_host::virtual_machine, "virtual machine"},
    {emulator::identity_host::app_service, "app service"},
    {emulator::identity_host::machine_learning, "machine learning"},
    {emulator::identity_host::cloud_shell, "cloud shell"},
    {emulator::identity_host::azure_arc, "azure arc"},
    {emulator::identity_host::service_fabric, "service fabric"},
};

/// For options of several words, which would swallow the next option when one is missing.
std::string refuse_option(std::string const& word)
{
    return word.starts_with("--") ? "a word is missing in front of " + word : std::string();
}

std::string refuse_no_host(std::string const& text)
{
    auto const is_of_name = [](char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.';
    };
    bool const good = !text.empty() && text.front() != '.' && text.back() != '.' &&
                      std::all_of(text.begin(), text.end(), is_of_name);
    return good ? std::string()
                : "'" + text + "' is not the name of a host, without scheme, port and path";
}

} // namespace

void emulator_identity::add_options(CLI::App& command)
{
    command.add_option("--application-certificate", certificates_,
                       "PEM file with a certificate of the application; repeat for more");
    command
        .add_option("--federated-credential", federated_,
                    "Issuer, subject and a PEM file with the issuer's RSA public key; repeat for "
                    "more")
        ->type_name("ISSUER SUBJECT FILE")
        ->check(refuse_option);
    command
        .add_option("--clock-offset", clock_offset_,
                    "How far the login endpoint's clock is ahead, seconds")
        ->capture_default_str();
    command.add_flag("--approve-device-codes", approve_device_codes_,
                     "Approve every device code at once; without it none is approved");
    command.add_flag("--managed-identities", managed_identities_,
                     "Serve the managed identity endpoints and print the variables of each");
    command.add_option("--identity-port", identity_port_, "Their port (0 = any free one)")
        ->needs("--managed-identities");
    command
        .add_option("--user-assigned", user_assigned_, "A user-assigned identity; repeat for more")
        ->type_name("CLIENT_ID OBJECT_ID RESOURCE_ID")
        ->check(refuse_option)
        ->needs("--managed-identities");
    command
        .add_option("--arc-directory", arc_directory_,
                    "Where the Azure Arc endpoint writes its key files")
        ->needs("--managed-identities");
    command
        .add_option("--proxy-host", proxy_host_,
                    "Start an HTTP proxy through which the engine is HOST, port 443, and the "
                    "ingestion service ingest-HOST")
        ->check(refuse_no_host)
        ->excludes("--no-tls");
    command
        .add_option("--proxy-authority", proxy_authority_,
                    "What the login endpoint is called behind the proxy")
        ->capture_default_str()
        ->check(refuse_no_host)
        ->needs("--proxy-host");
    command.add_option("--proxy-port", proxy_port_, "Its port (0 = any free one)")
        ->needs("--proxy-host");
}

void emulator_identity::apply(emulator::cluster_options& to) const
{
    emulator::sign_in_options with;
    for (auto const& path : certificates_)
        with.certificate(read_file(path));
    for (auto const& [issuer, subject, path] : federated_)
        with.federated(emulator::federated_credential(issuer, subject, read_file(path)));
    with.clock_offset(std::chrono::seconds(clock_offset_))
        .approve_device_codes(approve_device_codes_);
    to.sign_in(std::move(with));
    if (managed_identities_)
    {
        emulator::managed_identity_options machine;
        machine.port(identity_port_).arc_directory(arc_directory_);
        for (auto const& [client, object, resource] : user_assigned_)
            machine.user_assigned(emulator::managed_identity(client, object, resource));
        to.managed_identities(std::move(machine));
    }
    if (!proxy_host_.empty())
        to.also_named(proxy_host_)
            .also_named("ingest-" + proxy_host_)
            .also_named(proxy_authority_)
            .metadata_endpoints("https://" + proxy_host_, "https://ingest-" + proxy_host_,
                                "https://" + proxy_authority_);
}

void emulator_identity::start(emulator::cluster const& of)
{
    if (managed_identities_)
        print_environments(of);
    if (proxy_host_.empty())
        return;
    emulator::connect_proxy_options with;
    with.port(proxy_port_)
        .route(proxy_host_ + ":443", of.engine_url())
        .route("ingest-" + proxy_host_ + ":443", of.ingestion_url())
        .route(proxy_authority_ + ":443", of.engine_url());
    proxy_.emplace(std::move(with));
    std::printf("proxy: %s\n", proxy_->url().c_str());
    std::printf("proxy engine: https://%s\n", proxy_host_.c_str());
}

void emulator_identity::print_environments(emulator::cluster const& of) const
{
    std::printf("managed identity: %s\n", of.identity_url().c_str());
    for (auto const& [host, name] : hosts)
    {
        std::printf("%s:", name);
        for (auto const& [variable, value] : of.identity_environment(host))
            std::printf(" %s=%s", variable.c_str(), value.c_str());
        std::printf("\n");
    }
}

} // namespace kusto::cli
