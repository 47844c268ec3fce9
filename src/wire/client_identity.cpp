#include <wire/client_identity.hpp>

#include <base/ascii.hpp>
#include <base/environment.hpp>
#include <base/guid.hpp>
#include <kusto/version.hpp>

#include <cerrno>

namespace kusto::wire
{

namespace
{

constexpr std::string_view unknown = "[none]";

std::string user_name()
{
    for (char const* variable : {"USER", "LOGNAME"})
    {
        auto const value = base::environment_variable(variable);
        if (!value.empty())
            return header_text(value);
    }
    return std::string(unknown);
}

std::string process_name()
{
#if defined(__GLIBC__)
    auto name = header_text(::program_invocation_short_name);
    if (!name.empty())
        return name;
#endif
    return std::string(unknown);
}

std::string client_version()
{
#if defined(__clang__)
    constexpr std::string_view compiler = "clang_" __clang_version__;
#else
    constexpr std::string_view compiler = "gcc_" __VERSION__;
#endif
    return "Kusto.Cpp.Client:" + braced(KUSTO_VERSION_STRING) +
           "|Runtime.Cpp:" + braced(base::trim(compiler));
}

} // namespace

client_identity::client_identity(std::string_view application)
    : application_(header_text(application)),
      user_(user_name()),
      version_(client_version())
{
    if (application_.empty())
        application_ = process_name();
}

client_identity::client_identity(connection_options const& options)
    : client_identity(options.application_name())
{
    if (!options.application_version().empty())
    {
        // Braced before what is not ASCII is replaced, so that a line break leaves a mark.
        auto const& name = options.application_name();
        application_ = "Kusto.Cpp.Sink:" + braced(KUSTO_VERSION_STRING) + "|App." +
                       header_text(braced(name.empty() ? application_ : name)) + ':' +
                       header_text(braced(options.application_version()));
        // As connectors do, which tell who runs them only when they are asked to.
        user_ = unknown;
    }
    auto const user = header_text(options.user_name());
    if (!user.empty())
        user_ = user;
    auto const more = header_text(options.client_version());
    if (!more.empty())
        version_ += '|' + more;
}

std::string new_request_id(std::string_view operation)
{
    std::string id = "KCPC.";
    id += operation;
    id += ';';
    id += base::guid::random().to_string();
    return id;
}

std::string header_text(std::string_view text)
{
    std::string clean;
    clean.reserve(text.size());
    bool in_run = false;
    for (char const c : base::trim(text))
    {
        auto const byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f)
            clean += c;
        else if (byte >= 0x80 && !in_run)
            clean += '?';
        in_run = byte >= 0x80;
    }
    return clean;
}

std::string braced(std::string_view value)
{
    std::string text = "{";
    bool in_run = false;
    for (char const c : base::trim(value))
    {
        auto const byte = static_cast<unsigned char>(c);
        bool const special = byte <= 0x20 || byte == 0x7f || c == '{' || c == '}' || c == '|';
        if (!special)
            text += c;
        else if (!in_run)
            text += '_';
        in_run = special;
    }
    text += '}';
    return text;
}

} // namespace kusto::wire
