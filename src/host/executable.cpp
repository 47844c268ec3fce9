#include <host/executable.hpp>

#include <algorithm>
#include <sys/stat.h>
#include <unistd.h>

namespace kusto::host
{

namespace
{

bool may_run(std::string const& file) noexcept
{
    struct ::stat found = {};
    return ::stat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
           ::access(file.c_str(), X_OK) == 0;
}

} // namespace

std::optional<std::string> find_executable(std::string_view name, std::string_view path)
{
    std::string directories(path);
    directories += ":/usr/bin:/usr/local/bin";
    for (std::string_view rest = directories; !rest.empty();)
    {
        auto const directory = rest.substr(0, rest.find(':'));
        rest.remove_prefix((std::min)(directory.size() + 1, rest.size()));
        if (!directory.starts_with('/'))
            continue;
        auto file = std::string(directory) + '/' + std::string(name);
        if (may_run(file))
            return file;
    }
    return std::nullopt;
}

} // namespace kusto::host
