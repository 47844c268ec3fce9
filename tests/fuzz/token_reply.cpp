// Replies of token endpoints, managed identity endpoints and whatever stands in between.
#include "fuzzing.hpp"

#include <algorithm>
#include <wire/token.hpp>

using namespace kusto;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    fuzz::input from(data, size);
    constexpr int statuses[] = {200, 200, 200, 200, 400, 401, 429, 503};
    int const status = statuses[from.byte() % 8];
    auto const body = from.rest();
    wire::header_list const headers;
    wire::reply const reply(status, headers, body, "login.microsoftonline.com", "id", stage::token);
    auto const now = base::utc_time_point(std::chrono::seconds(1'800'000'000));
    auto const token = wire::parse_token(reply, now);
    if (!token)
    {
        auto const why = token.error();
        fuzz::require(fuzz::is_one_line(why.describe()), "the failure is one line");
        fuzz::require(why.describe().size() < 4096, "the failure is short");
        return 0;
    }
    fuzz::require(status == 200, "only a success has a token");
    auto const& text = token->access_token;
    fuzz::require(!text.empty() && std::all_of(text.begin(), text.end(),
                                               [](char c) { return c > 0x20 && c < 0x7f; }),
                  "a token fits in a header");
    fuzz::require(token->refresh_token.size() <= 16384, "a refresh token has an end");
    fuzz::require(token->expires_in.count() > 0, "a token lives");
    if (token->refresh_in)
        fuzz::require(*token->refresh_in < token->expires_in, "it is renewed before its end");
    return 0;
}
