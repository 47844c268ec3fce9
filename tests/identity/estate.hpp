#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <emulator/token_signing.hpp>
#include <kusto/client.hpp>
#include <kusto/emulator/cluster.hpp>
#include <memory>
#include <string>
#include <support/scoped_environment.hpp>
#include <support/script_folder.hpp>
#include <vector>

namespace kusto::test
{

/// Where the agent of Azure Arc keeps its key files; nowhere else are they read. Made if that is
/// allowed here, and removed again.
class arc_directory
{
public:
    arc_directory();
    arc_directory(arc_directory const&) = delete;
    arc_directory& operator=(arc_directory const&) = delete;
    ~arc_directory();

    [[nodiscard]] std::string path() const;
    [[nodiscard]] bool is_usable() const noexcept { return usable_; }

private:
    std::vector<std::string> made_;
    bool usable_ = false;
};

/// How an estate differs from the usual one.
struct estate_plan
{
    emulator::cluster_options cluster = {};
    emulator::sign_in_options sign_in = {};
    /// For example `c.westeurope.kusto.windows.net`: what clients call the cluster, behind a proxy.
    std::string public_host = {};
    std::string public_login = {};
    std::string secret = "CANARY~client.secret-0815";
};

/// A cluster, and everything that the machines of a service have to sign in to it with: files,
/// variables, an Azure CLI. Every secret of it can be told from everything else.
class estate
{
public:
    explicit estate(estate_plan plan = {});

    /// The beginning of a connection string: `Data Source=...`.
    [[nodiscard]] std::string place() const;
    /// The same with the application's id and tenant.
    [[nodiscard]] std::string application(std::string const& tenant = {}) const;
    /// A file that was put on the machines.
    [[nodiscard]] std::string file(std::string const& name) const { return files.file(name); }
    void write(std::string const& name, std::string const& content) const;

    /// Forgets every variable that has to do with signing in, and says where the cluster is.
    void enter(scoped_environment& environment) const;
    /// The variables of an Azure machine.
    void enter(scoped_environment& environment, emulator::identity_host host) const;
    /// Of the application: tenant and id.
    void name_application(scoped_environment& environment) const;

    /// A token of the platform that the application is federated with.
    [[nodiscard]] std::string federated_token(std::string const& issuer = "https://platform.local",
                                              std::chrono::seconds age = {}) const;
    /// A token of the cluster's identity provider.
    [[nodiscard]] std::string access_token() const;
    void install_azure_cli(std::string const& token) const;

    /// Everything that must not be seen. Long ones are in parts that fit into a line.
    [[nodiscard]] std::vector<std::string> secrets() const;

    script_folder const files;
    std::string const user_client = "0f1e2d3c-aaaa-1111-2222-333344445555";
    std::string const user_object = "0f1e2d3c-bbbb-1111-2222-333344445555";
    std::string const user_resource = "/subscriptions/s/resourceGroups/g/providers/"
                                      "Microsoft.ManagedIdentity/userAssignedIdentities/u";
    std::string const secret;
    std::string const password = "CANARY_certificate_password";
    arc_directory const arc;

private:
    [[nodiscard]] emulator::cluster_options settings(estate_plan plan) const;
    void write_certificates() const;

    token_signing::key_pair const platform_;
    estate_plan const plan_;

public:
    emulator::cluster cluster;
};

/// The lines of a PEM text, without the first and the last.
[[nodiscard]] std::vector<std::string> lines_of(std::string const& pem);

} // namespace kusto::test
