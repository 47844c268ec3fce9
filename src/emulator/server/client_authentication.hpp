#pragma once

#include <emulator/server/exact_parameters.hpp>
#include <emulator/server/jwt.hpp>
#include <emulator/server/public_key.hpp>
#include <functional>
#include <kusto/emulator/sign_in.hpp>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// Decides whether a token request comes from the application: by its secret, by an assertion that
/// it signed with a registered certificate, or by a token of another identity provider.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class client_authentication
{
public:
    /// \throws std::runtime_error when a registered certificate or key is none
    client_authentication(std::string client_id, std::string secret, sign_in_options with,
                          std::function<system_time()> now);

    /// \param token_url  what an assertion of the application must name as audience
    /// \param adfs  the rules of AD FS: RS256 only
    /// \throws login_refusal
    void check(exact_parameters const& form, std::string const& token_url, bool adfs);

private:
    struct federation
    {
        federated_credential who;
        public_key key;
    };
    struct subject
    {
        std::string common_name;
        client_certificate authority;
    };

    void check_secret(std::string const& given) const;
    void check_assertion(json_web_token const& token, std::string const& token_url, bool adfs);
    /// A registered certificate that the header names, or else what it brings of a subject.
    [[nodiscard]] client_certificate signer(json_web_token const& token) const;
    /// The leaf of a chain that a registered subject may sign with.
    [[nodiscard]] client_certificate chained(std::vector<client_certificate> const& chain) const;
    void check_times(json_web_token const& token, bool own) const;
    void check_unused(json_web_token const& token);
    void check_federated(json_web_token const& token) const;

    std::string client_id_;
    std::string secret_;
    sign_in_options with_;
    std::function<system_time()> now_;
    std::vector<client_certificate> certificates_;
    std::vector<subject> subjects_;
    std::vector<federation> federations_;
    std::mutex mutex_;
    std::map<std::string, std::int64_t> used_; ///< `jti` of assertions until they expire
};

} // namespace kusto::emulator
