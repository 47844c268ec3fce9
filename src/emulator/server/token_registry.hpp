#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <emulator/server/encoding.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace kusto::emulator
{

/// What an access token says of who holds it.
struct token_subject
{
    std::string audience;
    std::string issuer;
    std::string tenant;
    std::string client_id;
    std::string object_id;
    bool user = false; ///< somebody who signed in with a device code, and not an application
    boost::json::value claims; ///< the object that was asked for with `claims`, or null
};

enum class token_state : std::uint8_t
{
    good,
    bad,       ///< unknown, expired or revoked
    challenged ///< asked for without the claims that are demanded
};

/// Issues random tokens and knows which are still valid. The tokens look like JWTs with readable
/// claims, since SDKs print and sometimes split them, but nothing in them is signed: validity is a
/// lookup.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class token_registry
{
public:
    token_registry(std::chrono::seconds lifetime, std::function<system_time()> now);

    [[nodiscard]] std::string issue(token_subject const& subject = token_subject());
    [[nodiscard]] token_state state(std::string const& token) const;
    [[nodiscard]] bool valid(std::string const& token) const;
    /// The same for a token that was handed in at `posted`: revocation since then does not matter.
    [[nodiscard]] bool valid(std::string const& token, system_time posted) const;
    /// Whom the token was issued for; nothing when it is unknown.
    [[nodiscard]] std::optional<token_subject> subject(std::string const& token) const;
    /// Every token issued so far is invalid from now on.
    void revoke_all();
    /// Tokens that were not asked for with all of these claims are challenged from now on.
    /// \param claims  an object, or null: nothing is demanded any more
    void demand(boost::json::value claims);
    /// JSON text; empty when nothing is demanded.
    [[nodiscard]] std::string demanded() const;
    [[nodiscard]] std::chrono::seconds lifetime() const noexcept { return lifetime_; }
    [[nodiscard]] std::uint64_t issued() const;

private:
    struct entry
    {
        system_time expiry{};
        system_time revoked = system_time::max();
        token_subject subject;
    };

    [[nodiscard]] bool valid_entry(entry const& of, system_time posted) const;

    std::chrono::seconds lifetime_;
    std::function<system_time()> now_;
    mutable std::mutex mutex_;
    std::map<std::string, entry> tokens_;
    boost::json::value demanded_;
    std::uint64_t issued_ = 0;
};

} // namespace kusto::emulator
