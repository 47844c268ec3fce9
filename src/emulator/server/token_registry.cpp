#include <emulator/server/token_registry.hpp>

#include <algorithm>

namespace kusto::emulator
{

namespace
{

std::string base64url(std::string_view bytes)
{
    auto text = base64_encode(bytes);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text.substr(0, text.find('='));
}

} // namespace

token_registry::token_registry(std::chrono::seconds lifetime, std::function<system_time()> now)
    : lifetime_(lifetime),
      now_(std::move(now))
{
}

std::string token_registry::issue()
{
    auto const expiry = now_() + lifetime_;
    auto const seconds =
        std::chrono::duration_cast<std::chrono::seconds>(expiry.time_since_epoch()).count();
    auto token = base64url(R"({"typ":"JWT","alg":"none"})") + "." +
                 base64url(R"({"aud":"https://kusto.kusto.windows.net","exp":)" +
                           std::to_string(seconds) + "}") +
                 "." + base64url(random_bytes(48));
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    for (auto entry = tokens_.begin(); entry != tokens_.end();)
        entry = entry->second.expiry <= now ? tokens_.erase(entry) : std::next(entry);
    tokens_[token].expiry = expiry;
    ++issued_;
    return token;
}

bool token_registry::valid(std::string const& token) const
{
    return valid(token, now_());
}

bool token_registry::valid(std::string const& token, system_time posted) const
{
    std::lock_guard const lock(mutex_);
    auto const found = tokens_.find(token);
    return found != tokens_.end() && now_() < found->second.expiry &&
           posted < found->second.revoked;
}

void token_registry::revoke_all()
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    for (auto& entry : tokens_)
        entry.second.revoked = std::min(entry.second.revoked, now);
}

std::uint64_t token_registry::issued() const
{
    std::lock_guard const lock(mutex_);
    return issued_;
}

} // namespace kusto::emulator
