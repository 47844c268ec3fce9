#pragma once

#include <boost/json/object.hpp>
#include <deque>
#include <emulator/server/exact_parameters.hpp>
#include <emulator/server/http_message.hpp>
#include <emulator/server/token_registry.hpp>
#include <functional>
#include <initializer_list>
#include <kusto/emulator/managed_identity.hpp>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// Where the endpoints are, once their ports are known.
struct identity_addresses
{
    std::string plain_url;  ///< scheme, host and port
    std::string fabric_url; ///< the same, of Service Fabric
    std::string thumbprint; ///< SHA-1 of Service Fabric's certificate, in hexadecimal
};

/// The token endpoints of the machines that managed identities exist on. All answer at once on
/// different paths, each as strict as the real one; a parameter that a host does not know, such as
/// a wrong spelling of a selector, which some of those ignore, is refused.
///
/// \par Thread safety
/// All member functions may be called from any thread, after `set_addresses`.
class managed_identity_service
{
public:
    /// \param resources  that tokens are issued for
    managed_identity_service(managed_identity_options options, std::string tenant,
                             std::vector<std::string> resources, token_registry& tokens,
                             std::function<system_time()> now);
    /// Removes the key files that are left.
    ~managed_identity_service();
    managed_identity_service(managed_identity_service const&) = delete;
    managed_identity_service& operator=(managed_identity_service const&) = delete;

    void set_addresses(identity_addresses where) { where_ = std::move(where); }
    /// What a program on such a machine finds in its environment.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>>
    environment(identity_host host) const;

    /// Every host but Service Fabric.
    response handle(request const& http);
    response handle_service_fabric(request const& http);

private:
    /// A host's name for an id of an identity; no id: a parameter that selects nothing.
    struct selector
    {
        char const* name;
        std::string const& (managed_identity::*id)() const noexcept;
    };

    /// Serves a request, or writes why not as its host does.
    response refusable(request const& http,
                       response (managed_identity_service::*serve)(request const&));
    /// Every host but Service Fabric, told apart by path.
    response plain_host(request const& http);
    response service_fabric(request const& http);
    struct issued_token
    {
        std::string token;
        system_time expiry{};
        std::chrono::seconds left{}; ///< when it was given out
    };

    response virtual_machine(request const& http);
    response app_service(request const& http);
    response machine_learning(request const& http);
    response cloud_shell(request const& http);
    response azure_arc(request const& http);
    response arc_challenge();
    bool redeem_arc_key(std::string_view authorization);

    [[nodiscard]] std::string resource_of(exact_parameters const& query,
                                          char const* code = "") const;
    /// The identity that the query selects.
    [[nodiscard]] managed_identity const& select(exact_parameters const& query,
                                                 std::initializer_list<selector> known,
                                                 bool only_user) const;
    [[nodiscard]] managed_identity const& default_identity(bool only_user) const;
    /// \param rejected  SHA-256 in hexadecimal of a token that is not to be given out again
    [[nodiscard]] issued_token issue(managed_identity const& to, std::string const& resource,
                                     std::string const& rejected = {});
    /// `access_token`, `resource`, `token_type`, `client_id` and times as texts.
    [[nodiscard]] boost::json::object grant(managed_identity const& to, std::string const& resource,
                                            std::string const& rejected = {});

    managed_identity_options options_;
    std::string tenant_;
    std::vector<std::string> resources_;
    token_registry& tokens_;
    std::function<system_time()> now_;
    identity_addresses where_;
    std::string header_secret_; ///< `IDENTITY_HEADER`, `MSI_SECRET`
    std::mutex mutex_;
    /// By client id and resource.
    std::map<std::pair<std::string, std::string>, issued_token> kept_;
    std::deque<std::pair<std::string, std::string>> arc_keys_; ///< content and path, not used yet
};

} // namespace kusto::emulator
