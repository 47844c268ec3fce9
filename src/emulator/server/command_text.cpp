#include <emulator/server/command_text.hpp>
#include <emulator/server/http_message.hpp>

namespace kusto::emulator
{

namespace
{

/// Single blanks, lower case, no trailing `;`.
std::string normalised(std::string_view text)
{
    std::string out;
    for (char const c : lower_case(skip_leading(text)))
    {
        bool const blank = c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';';
        if (!blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

} // namespace

std::string_view skip_leading(std::string_view text)
{
    for (;;)
    {
        auto const start = text.find_first_not_of(" \t\r\n");
        if (start == std::string_view::npos)
            return {};
        text.remove_prefix(start);
        if (text.substr(0, 2) != "//")
            return text;
        auto const end = text.find('\n');
        if (end == std::string_view::npos)
            return {};
        text.remove_prefix(end + 1);
    }
}

known_command command_of(std::string_view text)
{
    auto const command = normalised(text);
    for (std::string const name : {".get ingestion resources", ".show ingestion resources"})
    {
        if (command == name || command.rfind(name + " with", 0) == 0)
            return known_command::resources;
    }
    if (command == ".get kusto identity token")
        return known_command::identity;
    return command == ".show version" ? known_command::version : known_command::other;
}

} // namespace kusto::emulator
