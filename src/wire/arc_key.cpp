#include <wire/arc_key.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <wire/identity_replies.hpp>

namespace kusto::wire
{

namespace
{

constexpr int unauthorized = 401;

bool is_clean(std::string_view path) noexcept
{
    return std::all_of(path.begin(), path.end(),
                       [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

bool is_allowed(std::string_view path, std::string_view directory) noexcept
{
    constexpr std::string_view extension = ".key";
    auto const slash = path.rfind('/');
    if (slash == std::string_view::npos || !is_clean(path))
        return false;
    auto const name = path.substr(slash + 1);
    return path.substr(0, slash) == directory && name.size() > extension.size() &&
           name.ends_with(extension) && name.find("..") == std::string_view::npos;
}

failure unexpected(reply const& from, std::string_view what)
{
    return from.fail(errc::malformed_reply,
                     "the agent of Azure Arc answered " + std::string(what) +
                         "; is it the agent that listens at IDENTITY_ENDPOINT?");
}

} // namespace

result<std::string> find_arc_key(identity_service const& service, reply const& from,
                                 std::string_view directory)
{
    constexpr std::string_view prefix = "Basic realm=";
    if (from.ok())
        return unexpected(from, "without asking for a key file");
    if (from.status != unauthorized)
        return identity_refused(service, from);
    auto const challenge = base::trim(from.header("WWW-Authenticate"));
    if (challenge.empty())
        return unexpected(from, "401 without the header WWW-Authenticate");
    if (challenge.size() <= prefix.size() ||
        !base::equal_ignoring_case(challenge.substr(0, prefix.size()), prefix))
        return unexpected(from, "401 with another WWW-Authenticate than 'Basic realm=<path>'");
    auto const path = challenge.substr(prefix.size());
    if (!is_allowed(path, directory))
        return from.fail(errc::authentication_failed,
                         "the key file that the agent of Azure Arc named is not a .key file in " +
                             std::string(directory) + "; it was not opened");
    return std::string(path);
}

} // namespace kusto::wire
