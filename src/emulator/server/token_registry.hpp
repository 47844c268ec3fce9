#pragma once

#include <chrono>
#include <emulator/server/encoding.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace kusto::emulator
{

/// Issues random tokens and knows which are still valid. The tokens look like JWTs, since SDKs
/// print and sometimes split them, but nothing in them is signed: validity is a lookup.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class token_registry
{
public:
    token_registry(std::chrono::seconds lifetime, std::function<system_time()> now);

    [[nodiscard]] std::string issue();
    [[nodiscard]] bool valid(std::string const& token) const;
    /// The same for a token that was handed in at `posted`: revocation since then does not matter.
    [[nodiscard]] bool valid(std::string const& token, system_time posted) const;
    /// Every token issued so far is invalid from now on.
    void revoke_all();
    [[nodiscard]] std::chrono::seconds lifetime() const noexcept { return lifetime_; }
    [[nodiscard]] std::uint64_t issued() const;

private:
    struct validity
    {
        system_time expiry{};
        system_time revoked = system_time::max();
    };

    std::chrono::seconds lifetime_;
    std::function<system_time()> now_;
    mutable std::mutex mutex_;
    std::map<std::string, validity> tokens_;
    std::uint64_t issued_ = 0;
};

} // namespace kusto::emulator
