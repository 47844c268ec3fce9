// Assertions (JWT): whatever ids and URLs hold, header and claims are JSON that says the same.
#include "fuzzing.hpp"

#include <boost/json.hpp>
#include <wire/client_assertion.hpp>

using namespace kusto;
namespace json = boost::json;

namespace
{

/// Independent of the library's.
std::string from_base64url(std::string_view text)
{
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (char const c : text)
    {
        auto const value = letters.find(c);
        fuzz::require(value != std::string_view::npos, "only letters of base64url, no padding");
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xff);
    }
    return bytes;
}

bool is(json::object const& object, char const* name, std::string_view value)
{
    auto const* const found = object.if_contains(name);
    return found != nullptr && found->is_string() && std::string_view(found->get_string()) == value;
}

/// What JSON cannot say is not put into options either: they are checked.
bool is_plain(std::string_view text)
{
    for (char const c : text)
    {
        if (static_cast<unsigned char>(c) >= 0x80)
            return false;
    }
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    fuzz::input from(data, size);
    auto const endpoint = from.text();
    auto const client = from.text();
    auto const id = from.text();
    bool const adfs = from.byte() % 2 != 0;
    if (!is_plain(endpoint) || !is_plain(client) || !is_plain(id))
        return 0;
    wire::assertion_certificate by;
    by.sha1_thumbprint = std::string(20, 'a');
    by.sha256_thumbprint = std::string(32, 'b');
    if (from.byte() % 2 != 0)
        by.chain.push_back(from.rest());
    auto const now = base::utc_time_point(std::chrono::seconds(1'800'000'000));
    wire::assertion_claims const claims(endpoint, client, id, now);
    auto const text = wire::assertion_to_sign(adfs, by, claims);
    auto const dot = text.find('.');
    fuzz::require(dot != std::string::npos && text.find('.', dot + 1) == std::string::npos,
                  "two parts");
    auto const header = json::parse(from_base64url(text.substr(0, dot))).as_object();
    fuzz::require(is(header, "alg", adfs ? "RS256" : "PS256"), "the algorithm");
    auto const body = json::parse(from_base64url(text.substr(dot + 1))).as_object();
    fuzz::require(is(body, "aud", endpoint) && is(body, "iss", client) &&
                      is(body, "sub", client) && is(body, "jti", id),
                  "the claims are what was given");
    auto const whole = wire::signed_assertion(text, std::string(256, '\xff'));
    fuzz::require(whole.starts_with(text + "."), "the signature comes behind a dot");
    return 0;
}
