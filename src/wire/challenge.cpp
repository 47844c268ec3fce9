#include <wire/challenge.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/base64.hpp>
#include <vector>
#include <wire/json.hpp>

namespace kusto::wire
{

namespace
{

/// One scheme of a header with its parameters.
class challenge
{
public:
    explicit challenge(std::string scheme) : scheme(std::move(scheme)) {}

    [[nodiscard]] std::string_view parameter(std::string_view name) const noexcept
    {
        return find_header(parameters, name);
    }

    std::string scheme;
    header_list parameters;
};

constexpr bool separates(char c) noexcept
{
    return c == ',' || base::is_blank(c);
}

/// Takes words and values off the front of a header.
class reader
{
public:
    explicit reader(std::string_view text) : rest_(text) {}

    void skip_separators() noexcept
    {
        while (!rest_.empty() && separates(rest_.front()))
            rest_.remove_prefix(1);
    }
    [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

    /// A scheme or the name of a parameter. May be empty: then something stands here that belongs
    /// to neither.
    std::string_view word() noexcept
    {
        return take([](char c) { return separates(c) || c == '=' || c == '"'; });
    }
    /// The value after `=`, with or without blanks around that; nothing if no `=` follows.
    std::optional<std::string> value()
    {
        auto const after = base::trim(rest_);
        if (after.empty() || after.front() != '=')
            return std::nullopt;
        rest_ = base::trim(after.substr(1));
        if (rest_.empty() || rest_.front() != '"')
            return std::string(take(separates));
        return quoted();
    }
    void skip_one() noexcept { rest_.remove_prefix(1); }

private:
    template <class Predicate>
    std::string_view take(Predicate ends) noexcept
    {
        auto const end = std::find_if(rest_.begin(), rest_.end(), ends);
        auto const piece = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(piece.size());
        return piece;
    }
    std::string quoted()
    {
        std::string text;
        for (skip_one(); !rest_.empty() && rest_.front() != '"'; skip_one())
        {
            if (rest_.front() == '\\' && rest_.size() > 1)
                skip_one();
            text += rest_.front();
        }
        if (!rest_.empty())
            skip_one();
        return text;
    }

    std::string_view rest_;
};

void read_challenges(std::string_view header, std::vector<challenge>& into)
{
    reader from(header);
    for (from.skip_separators(); !from.empty(); from.skip_separators())
    {
        auto const word = from.word();
        auto value = from.value();
        if (word.empty() && !value)
            from.skip_one();
        else if (!value)
            into.emplace_back(std::string(word));
        else if (!into.empty())
            into.back().parameters.emplace_back(std::string(word), std::move(*value));
    }
}

/// Base64 of either alphabet, padded or not.
std::optional<std::string> decode(std::string_view text)
{
    std::string standard(text.substr(0, text.find('=')));
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
    standard.append((4 - standard.size() % 4) % 4, '=');
    return base::base64_decode(standard);
}

std::optional<std::string> claims_of(challenge const& from)
{
    bool const demands = base::equal_ignoring_case(from.scheme, "Bearer") &&
                         base::equal_ignoring_case(from.parameter("error"), "insufficient_claims");
    auto const claims = from.parameter("claims");
    if (!demands || claims.empty())
        return std::nullopt;
    auto decoded = decode(claims);
    if (!decoded)
        return std::nullopt;
    auto const document = parse_strict_json(*decoded);
    if (!document || !document->is_object())
        return std::nullopt;
    return decoded;
}

} // namespace

std::optional<std::string> demanded_claims(header_list const& headers)
{
    constexpr std::size_t longest = 32 * 1024;
    std::vector<challenge> found;
    for (auto const& [name, value] : headers)
    {
        if (base::equal_ignoring_case(name, "WWW-Authenticate") && value.size() <= longest)
            read_challenges(value, found);
    }
    for (auto const& one : found)
    {
        auto claims = claims_of(one);
        if (claims)
            return claims;
    }
    return std::nullopt;
}

} // namespace kusto::wire
