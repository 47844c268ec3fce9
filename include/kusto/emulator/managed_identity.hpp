#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// A kind of machine that hands out tokens to the programs on it.
enum class identity_host : std::uint8_t
{
    virtual_machine,  ///< IMDS; found by `AZURE_POD_IDENTITY_AUTHORITY_HOST`
    app_service,      ///< 2019-08-01; also Functions and Container Apps
    machine_learning, ///< 2017-09-01; also older App Services
    cloud_shell,
    azure_arc,
    service_fabric ///< HTTPS with a self-signed certificate that clients know by thumbprint
};

/// The ids of one identity. The client id becomes the principal of its tokens.
class managed_identity
{
public:
    managed_identity(std::string client_id, std::string object_id, std::string resource_id)
        : client_id_(std::move(client_id)),
          object_id_(std::move(object_id)),
          resource_id_(std::move(resource_id))
    {
    }

    [[nodiscard]] std::string const& client_id() const noexcept { return client_id_; }
    [[nodiscard]] std::string const& object_id() const noexcept { return object_id_; }
    [[nodiscard]] std::string const& resource_id() const noexcept { return resource_id_; }

private:
    std::string client_id_;
    std::string object_id_;
    std::string resource_id_;
};

/// The identities of the machine that the local cluster pretends to be.
class managed_identity_options
{
public:
    /// Loopback port of everything but Service Fabric; 0 = any free one.
    managed_identity_options& port(std::uint16_t value)
    {
        port_ = value;
        return *this;
    }
    /// Replaces the system-assigned identity, which has fixed, public test values.
    managed_identity_options& system_assigned(managed_identity value)
    {
        system_ = std::move(value);
        return *this;
    }
    managed_identity_options& no_system_assigned()
    {
        system_.reset();
        return *this;
    }
    /// May be given repeatedly.
    managed_identity_options& user_assigned(managed_identity value)
    {
        users_.push_back(std::move(value));
        return *this;
    }
    /// Where the Azure Arc endpoint writes its key files; it answers 500 without. The directory
    /// must exist. The files of a cluster are removed when it stops.
    managed_identity_options& arc_directory(std::string path)
    {
        arc_directory_ = std::move(path);
        return *this;
    }
    /// An agent from before user-assigned identities: it ignores selectors, answers for the
    /// machine's identity and does not name it. Default false.
    managed_identity_options& old_arc_agent(bool value)
    {
        old_arc_agent_ = value;
        return *this;
    }

    /// The hosts keep a token and give the same one out until a twelfth of its lifetime is left, as
    /// Azure's do; also when it has been revoked, unless the request names it as such. Default
    /// false: each request gets a new one.
    managed_identity_options& kept_tokens(bool value)
    {
        kept_tokens_ = value;
        return *this;
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] auto const& system_assigned() const noexcept { return system_; }
    [[nodiscard]] auto const& user_assigned() const noexcept { return users_; }
    [[nodiscard]] std::string const& arc_directory() const noexcept { return arc_directory_; }
    [[nodiscard]] bool old_arc_agent() const noexcept { return old_arc_agent_; }
    [[nodiscard]] bool kept_tokens() const noexcept { return kept_tokens_; }

private:
    std::uint16_t port_ = 0;
    std::optional<managed_identity> system_ = managed_identity(
        "33333333-3333-3333-3333-333333333333", "44444444-4444-4444-4444-444444444444",
        "/subscriptions/local/resourceGroups/local/providers/"
        "Microsoft.Compute/virtualMachines/local");
    std::vector<managed_identity> users_;
    std::string arc_directory_;
    bool old_arc_agent_ = false;
    bool kept_tokens_ = false;
};

} // namespace kusto::emulator
