#include <emulator/server/token_registry.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <emulator/server/jwt.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

std::int64_t epoch_seconds(system_time time)
{
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// Whether everything in `wanted` is in `given`, at any depth.
bool covers(json::value const& given, json::value const& wanted)
{
    if (wanted.is_object())
        return given.is_object() &&
               std::all_of(wanted.get_object().begin(), wanted.get_object().end(),
                           [&](auto const& member)
                           {
                               auto const* has = given.get_object().if_contains(member.key());
                               return has != nullptr && covers(*has, member.value());
                           });
    if (!wanted.is_array())
        return given == wanted;
    if (!given.is_array())
        return false;
    auto const& all = given.get_array();
    return std::all_of(wanted.get_array().begin(), wanted.get_array().end(),
                       [&](auto const& item)
                       { return std::find(all.begin(), all.end(), item) != all.end(); });
}

json::object claims_of(token_subject const& subject, system_time now, system_time expiry)
{
    json::object out;
    out["aud"] = subject.audience;
    out["iss"] = subject.issuer;
    out["iat"] = epoch_seconds(now);
    out["nbf"] = epoch_seconds(now);
    out["exp"] = epoch_seconds(expiry);
    out["appid"] = subject.client_id;
    out["idtyp"] = subject.user ? "user" : "app";
    out["oid"] = subject.object_id;
    out["sub"] = subject.object_id;
    out["tid"] = subject.tenant;
    out["ver"] = "1.0";
    if (subject.user)
        out["scp"] = "user_impersonation";
    json::error_code missing;
    if (auto const* kinds = subject.claims.find_pointer("/access_token/xms_cc/values", missing))
        out["xms_cc"] = *kinds;
    return out;
}

} // namespace

token_registry::token_registry(std::chrono::seconds lifetime, std::function<system_time()> now)
    : lifetime_(lifetime),
      now_(std::move(now))
{
}

std::string token_registry::issue(token_subject const& subject)
{
    auto const now = now_();
    auto const expiry = now + lifetime_;
    auto token = base64url_encode(R"({"typ":"JWT","alg":"none"})") + "." +
                 base64url_encode(json::serialize(claims_of(subject, now, expiry))) + "." +
                 base64url_encode(random_bytes(48));
    std::lock_guard const lock(mutex_);
    for (auto each = tokens_.begin(); each != tokens_.end();)
        each = each->second.expiry <= now ? tokens_.erase(each) : std::next(each);
    auto& made = tokens_[token];
    made.expiry = expiry;
    made.subject = subject;
    ++issued_;
    return token;
}

bool token_registry::valid_entry(entry const& of, system_time posted) const
{
    return now_() < of.expiry && posted < of.revoked;
}

token_state token_registry::state(std::string const& token) const
{
    std::lock_guard const lock(mutex_);
    auto const found = tokens_.find(token);
    if (found == tokens_.end() || !valid_entry(found->second, now_()))
        return token_state::bad;
    bool const enough = demanded_.is_null() || covers(found->second.subject.claims, demanded_);
    return enough ? token_state::good : token_state::challenged;
}

bool token_registry::valid(std::string const& token) const
{
    return valid(token, now_());
}

bool token_registry::valid(std::string const& token, system_time posted) const
{
    std::lock_guard const lock(mutex_);
    auto const found = tokens_.find(token);
    return found != tokens_.end() && valid_entry(found->second, posted);
}

std::optional<token_subject> token_registry::subject(std::string const& token) const
{
    std::lock_guard const lock(mutex_);
    auto const found = tokens_.find(token);
    if (found == tokens_.end())
        return std::nullopt;
    return found->second.subject;
}

void token_registry::revoke_all()
{
    std::lock_guard const lock(mutex_);
    auto const now = now_();
    for (auto& each : tokens_)
        each.second.revoked = std::min(each.second.revoked, now);
}

void token_registry::demand(json::value claims)
{
    std::lock_guard const lock(mutex_);
    demanded_ = std::move(claims);
}

std::string token_registry::demanded() const
{
    std::lock_guard const lock(mutex_);
    return demanded_.is_null() ? std::string() : json::serialize(demanded_);
}

std::uint64_t token_registry::issued() const
{
    std::lock_guard const lock(mutex_);
    return issued_;
}

} // namespace kusto::emulator
