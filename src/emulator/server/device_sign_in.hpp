#pragma once

#include <boost/json/object.hpp>
#include <emulator/server/encoding.hpp>
#include <functional>
#include <kusto/emulator/sign_in.hpp>
#include <map>
#include <mutex>
#include <string>

namespace kusto::emulator
{

/// Sign-ins that somebody approves elsewhere, and the refresh tokens that they end in.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class device_sign_in
{
public:
    device_sign_in(sign_in_options with, std::function<system_time()> now);

    /// What the device code endpoint answers. Codes that expired an hour ago are forgotten.
    [[nodiscard]] boost::json::object begin(std::string const& client_id, std::string const& scope);
    /// \returns false when there is no such code that waits
    bool decide(std::string const& user_code, bool approved);
    /// Uses the code up. \returns the scope that it was asked for with \throws login_refusal unless
    /// it is approved
    std::string redeem_code(std::string const& client_id, std::string const& device_code);

    [[nodiscard]] std::string new_refresh_token(std::string const& client_id);
    /// Uses the token up. \throws login_refusal
    void redeem_refresh_token(std::string const& client_id, std::string const& token);

private:
    enum class decision : std::uint8_t
    {
        waiting,
        approved,
        declined
    };
    struct attempt
    {
        std::string client_id;
        std::string user_code;
        std::string scope;
        system_time expiry{};
        system_time polled{};
        std::chrono::seconds interval{};
        decision state = decision::waiting;
    };

    sign_in_options with_;
    std::function<system_time()> now_;
    std::mutex mutex_;
    std::map<std::string, attempt> attempts_;           ///< by device code
    std::map<std::string, std::string> refresh_tokens_; ///< to the client id
};

} // namespace kusto::emulator
