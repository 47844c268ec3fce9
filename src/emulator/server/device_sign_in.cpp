#include <emulator/server/device_sign_in.hpp>

#include <emulator/server/jwt.hpp>
#include <emulator/server/login_answer.hpp>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

/// What `slow_down` asks for, from then on.
constexpr std::chrono::seconds slower_by(5);
/// How long an expired code is known to have been one.
constexpr std::chrono::hours kept(1);
constexpr char const* where = "https://microsoft.com/devicelogin";

/// Nine letters and digits that cannot be mistaken for each other.
std::string new_user_code()
{
    constexpr std::string_view letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    auto code = random_bytes(9);
    for (char& each : code)
        each = letters[static_cast<unsigned char>(each) % letters.size()];
    return code;
}

login_refusal still(char const* error, int code, char const* text)
{
    return login_refusal(400, error, code, text);
}

} // namespace

device_sign_in::device_sign_in(sign_in_options with, std::function<system_time()> now)
    : with_(std::move(with)),
      now_(std::move(now))
{
}

json::object device_sign_in::begin(std::string const& client_id, std::string const& scope)
{
    attempt made;
    made.client_id = client_id;
    made.user_code = new_user_code();
    made.scope = scope;
    auto const now = now_();
    made.expiry = now + with_.device_code_lifetime();
    made.interval = with_.device_code_interval();
    made.state = with_.approve_device_codes() ? decision::approved : decision::waiting;
    auto const device_code = base64url_encode(random_bytes(48));
    json::object out;
    out["user_code"] = made.user_code;
    out["device_code"] = device_code;
    out["verification_uri"] = where;
    out["expires_in"] = with_.device_code_lifetime().count();
    out["interval"] = with_.device_code_interval().count();
    out["message"] = std::string("To sign in, use a web browser to open the page ") + where +
                     " and enter the code " + made.user_code + " to authenticate.";
    std::lock_guard const lock(mutex_);
    std::erase_if(attempts_, [&](auto const& each) { return each.second.expiry + kept <= now; });
    attempts_.emplace(device_code, std::move(made));
    return out;
}

bool device_sign_in::decide(std::string const& user_code, bool approved)
{
    std::lock_guard const lock(mutex_);
    for (auto& [code, each] : attempts_)
    {
        if (each.user_code != user_code || each.state != decision::waiting || each.expiry <= now_())
            continue;
        each.state = approved ? decision::approved : decision::declined;
        return true;
    }
    return false;
}

std::string device_sign_in::redeem_code(std::string const& client_id,
                                        std::string const& device_code)
{
    std::lock_guard const lock(mutex_);
    auto const found = attempts_.find(device_code);
    if (found == attempts_.end() || found->second.client_id != client_id)
        throw still("bad_verification_code", 70018, "The device code is not recognized.");
    auto& one = found->second;
    auto const now = now_();
    if (one.expiry <= now)
        throw still("expired_token", 70020, "The device code has expired.");
    if (one.state == decision::declined)
        throw still("authorization_declined", 65004, "The user declined to sign in.");
    bool const early = one.polled != system_time() && now - one.polled < one.interval;
    one.polled = now;
    if (early)
    {
        one.interval += slower_by;
        throw still("slow_down", 70016, "Polled more often than the interval allows.");
    }
    if (one.state == decision::waiting)
        throw still("authorization_pending", 70016,
                    "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
    auto scope = std::move(one.scope);
    attempts_.erase(found);
    return scope;
}

std::string device_sign_in::new_refresh_token(std::string const& client_id)
{
    auto token = base64url_encode(random_bytes(48));
    std::lock_guard const lock(mutex_);
    refresh_tokens_.emplace(token, client_id);
    return token;
}

void device_sign_in::redeem_refresh_token(std::string const& client_id, std::string const& token)
{
    std::lock_guard const lock(mutex_);
    auto const found = refresh_tokens_.find(token);
    if (found == refresh_tokens_.end() || found->second != client_id)
        throw login_refusal(400, "invalid_grant", 70000,
                            "The provided value for the input parameter 'refresh_token' is not "
                            "valid.");
    refresh_tokens_.erase(found);
}

} // namespace kusto::emulator
