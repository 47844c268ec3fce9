#include <wire/http.hpp>

#include <algorithm>
#include <array>
#include <base/ascii.hpp>
#include <base/time_text.hpp>
#include <charconv>

namespace kusto::wire
{

namespace
{

using std::chrono::milliseconds;

std::optional<milliseconds> whole_milliseconds(std::string_view text)
{
    constexpr milliseconds longest = std::chrono::hours(24);
    text = base::trim(text);
    std::int64_t count = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (text.empty() || end != text.data() + text.size() || count < 0)
        return std::nullopt;
    if (ec != std::errc())
        return std::nullopt;
    return (std::min)(milliseconds(count), longest);
}

/// A date is read relative to the server's own clock, so that a wrong clock here does no harm.
std::optional<milliseconds> wish_to_wait(reply const& from)
{
    for (std::string_view const name : {"retry-after-ms", "x-ms-retry-after-ms"})
    {
        if (auto const wait = whole_milliseconds(from.header(name)))
            return wait;
    }
    auto const server_time = base::parse_rfc1123(from.header("Date"));
    auto const value = from.header("Retry-After");
    bool const is_date = !value.empty() && !base::is_digit(base::trim(value).front());
    if (is_date && !server_time)
        return std::nullopt;
    return base::parse_retry_after(value, server_time.value_or(base::utc_time_point()));
}

constexpr bool ends_secret(char c) noexcept
{
    return base::is_blank(c) || c == '&' || c == '"' || c == '\'' || c == '<' || c == '>' ||
           c == ';' || c == ',' || c == ')' || c == ']' || c == '}';
}

/// What secrets are called in URLs, headers, forms, JSON and connection strings.
constexpr std::array<std::string_view, 15> names{
    "sig",         "client_secret", "client_assertion",  "access_token", "refresh_token",
    "device_code", "id_token",      "sharedkey",         "accountkey",   "application key",
    "secret",      "msi_secret",    "x-identity-header", "password",     "pwd"};

/// What stands before a secret as it is.
constexpr std::array<std::string_view, 3> introductions{"bearer ", "authorization: basic ",
                                                        "authorizationcontext="};

bool begins(std::string_view text, std::string_view word) noexcept
{
    return text.size() >= word.size() &&
           base::equal_ignoring_case(text.substr(0, word.size()), word);
}

/// Length of a quotation mark, escaped or not, that `text` begins with.
std::size_t quote_length(std::string_view text) noexcept
{
    std::size_t const escape = text.starts_with('\\') ? 1 : 0;
    auto const mark = text.substr(escape, 1);
    return mark == "\"" || (mark == "'" && escape == 0) ? escape + 1 : 0;
}

std::size_t blanks_length(std::string_view text) noexcept
{
    auto const end = std::find_if_not(text.begin(), text.end(), base::is_blank);
    return static_cast<std::size_t>(end - text.begin());
}

/// Length of what separates a name from its value: `=`, `%3d`, `: `, `": "`; 0 if there is none, or
/// if the value is an object or an array.
std::size_t separator_length(std::string_view text) noexcept
{
    auto length = quote_length(text);
    length += blanks_length(text.substr(length));
    auto const rest = text.substr(length);
    if (begins(rest, "%3d"))
        return length + 3;
    if (!rest.starts_with('=') && !rest.starts_with(':'))
        return 0;
    ++length;
    length += blanks_length(text.substr(length));
    auto const value = text.substr(length, 1);
    return value == "{" || value == "[" ? 0 : length;
}

/// Length of the label that `text` begins with, or 0.
std::size_t label_length(std::string_view text) noexcept
{
    for (auto const words : introductions)
    {
        if (begins(text, words))
            return words.size();
    }
    for (auto const name : names)
    {
        auto const separator = begins(text, name) ? separator_length(text.substr(name.size())) : 0;
        if (separator > 0)
            return name.size() + separator;
    }
    return 0;
}

/// Of one that is not in quotation marks.
std::size_t secret_length(std::string_view text) noexcept
{
    auto const end = std::find_if(text.begin(), text.end(), ends_secret);
    return static_cast<std::size_t>(end - text.begin());
}

/// Of one between `quote`, which stood before `text`, and its like. All of the text if that is cut.
std::size_t quoted_length(std::string_view text, std::string_view quote) noexcept
{
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (text.substr(i).starts_with(quote))
            return i;
        bool const escaped = text[i] == '\\';
        if (escaped)
            ++i;
    }
    return text.size();
}

/// A JSON Web Token, and everything else that Kusto hands out in base64, begins with `{"`.
bool looks_like_token(std::string_view text) noexcept
{
    return text.starts_with("eyJ") && secret_length(text) >= 20;
}

std::string without_secrets(std::string_view text)
{
    constexpr std::string_view redacted = "REDACTED";
    std::string clean;
    clean.reserve(text.size());
    for (std::size_t i = 0; i < text.size();)
    {
        bool const inside_word = i > 0 && base::is_letter(text[i - 1]);
        auto const rest = text.substr(i);
        auto const label = inside_word ? 0 : label_length(rest);
        if (label == 0 && (inside_word || !looks_like_token(rest)))
        {
            clean += text[i++];
            continue;
        }
        auto const quote = label == 0 ? 0 : quote_length(rest.substr(label));
        auto const begin = label + quote;
        clean += rest.substr(0, begin);
        auto const value = rest.substr(begin);
        auto const secret =
            quote == 0 ? secret_length(value) : quoted_length(value, rest.substr(label, quote));
        if (secret > 0)
            clean += redacted;
        i += begin + secret;
    }
    return clean;
}

} // namespace

std::string_view find_header(header_list const& headers, std::string_view name) noexcept
{
    for (auto const& [key, value] : headers)
    {
        if (base::equal_ignoring_case(key, name))
            return value;
    }
    return {};
}

failure reply::fail(errc code, std::string message) const
{
    failure why(code, where, std::move(message));
    why.host(host).status(status).request_id(request_id);
    auto activity = header("x-ms-activity-id");
    if (activity.empty())
        activity = header("x-ms-request-id");
    why.activity_id(printable(activity, 128));
    if (auto const wait = wish_to_wait(*this))
        why.retry_after(*wait);
    return why;
}

std::string printable(std::string_view text, std::size_t limit)
{
    // A secret that is cut in the middle would not be recognised: first clean, then cut.
    constexpr std::size_t most_to_read = 64 * 1024;
    auto clean = without_secrets(base::trim(text.substr(0, most_to_read)));
    if (clean.size() > limit)
    {
        while (limit > 0 && (static_cast<unsigned char>(clean[limit]) & 0xc0) == 0x80)
            --limit;
        clean.resize(limit);
    }
    for (auto& c : clean)
    {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = ' ';
    }
    return clean;
}

bool is_transient_status(int status) noexcept
{
    constexpr int not_implemented = 501;
    constexpr int unknown_http_version = 505;
    if (status == not_implemented || status == unknown_http_version)
        return false;
    return status == 408 || status == 429 || (status >= 500 && status <= 599);
}

bool may_be_done(int status, std::string_view service_code) noexcept
{
    if (status == 503)
        return service_code.empty();
    return status == 408 || (status >= 500 && status <= 599);
}

} // namespace kusto::wire
