#include <emulator/principals.hpp>

#include "command.hpp"
#include "lexer.hpp"
#include "types.hpp"

namespace kusto::emulator
{

namespace
{

using kql::lexer;

char const* display_name(principal const& who)
{
    return who.user ? "local cluster user" : "local cluster application";
}

/// With or without the tenant.
bool is_same(std::string const& given, principal const& who)
{
    return kql::same_text(given, who.name()) || kql::same_text(given, who.short_name());
}

bool has_access(principal_role role, std::string const& type)
{
    if (role == principal_role::admin)
        return true;
    return type == (role == principal_role::ingestor ? "ingest" : "view");
}

char const* role_name(principal_role role)
{
    switch (role)
    {
    case principal_role::ingestor:
        return "Ingestor";
    case principal_role::viewer:
        return "Viewer";
    case principal_role::admin:
        break;
    }
    return "Admin";
}

std::string needed(std::map<std::string, std::string> const& from, char const* name)
{
    auto const found = from.find(name);
    if (found == from.end() || found->second.empty())
        throw kql::bad_request("'.show principal access' needs '" + std::string(name) + "'");
    return found->second;
}

principal_question access_question(lexer& in)
{
    auto const given = kql::with_properties(in);
    principal_question out;
    out.whom = needed(given, "principal");
    out.access_type = kql::lower(needed(given, "accesstype"));
    out.database = needed(given, "database");
    if (auto const table = given.find("table"); table != given.end())
        out.table = table->second;
    bool const known =
        out.access_type == "ingest" || out.access_type == "view" || out.access_type == "admin";
    if (!known)
        throw kql::bad_request("the access type '" + out.access_type + "' is none");
    return out;
}

} // namespace

std::string principal::short_name() const
{
    return user ? "aaduser=" + object_id : "aadapp=" + client_id;
}

std::string principal::name() const
{
    return short_name() + ";" + tenant;
}

std::optional<principal_question> principal_question::parse(std::string_view text)
{
    lexer in(text);
    if (!in.take_symbol(".") || !in.take_word("show"))
        return std::nullopt;
    principal_question out;
    out.about = subject::roles;
    bool const named = in.take_word("database");
    if (named)
        out.database = in.name();
    if (in.take_word("principals"))
        out.about = subject::principals;
    else if (!in.take_word("principal"))
        return std::nullopt;
    else if (!named && in.take_word("access"))
        out = access_question(in);
    else
        in.expect_word("roles");
    if (out.about == subject::principals && !named)
        return std::nullopt;
    in.take_symbol(";");
    if (!in.at_end())
        in.unexpected("the end of the command");
    return out;
}

void principal_question::check_permission(principal const& who) const
{
    bool const own = about == subject::roles || (about == subject::access && is_same(whom, who));
    bool const allowed = own || who.role == principal_role::admin ||
                         (about == subject::principals && who.role == principal_role::viewer);
    if (!allowed)
        throw engine_error(
            403, "Forbidden", "Kusto.DataNode.Exceptions.UnauthorizedDatabaseAccessException",
            "Principal '" + who.name() + "' is not authorized to perform operation '.show'.");
}

result_table principal_question::answer(principal const& who, std::string const& of_database) const
{
    result_table out;
    std::string const role = "Database " + of_database + " " + role_name(who.role);
    switch (about)
    {
    case subject::access:
        // Clients read the fourth column; the names are the cluster's own.
        out.columns = {{"Principal", "string"},
                       {"AccessType", "string"},
                       {"Entity", "string"},
                       {"IsAllowed", "bool"}};
        out.rows.push_back({whom, access_type, of_database + (table.empty() ? "" : "." + table),
                            is_same(whom, who) && has_access(who.role, access_type)});
        break;
    case subject::principals:
        out.columns = {{"Role", "string"},
                       {"PrincipalType", "string"},
                       {"PrincipalDisplayName", "string"},
                       {"PrincipalObjectId", "string"},
                       {"PrincipalFQN", "string"}};
        out.rows.push_back(
            {role, std::string(who.user ? "Microsoft Entra User" : "Microsoft Entra Application"),
             std::string(display_name(who)), who.object_id, who.name()});
        break;
    case subject::roles:
        out.columns = {{"Scope", "string"},
                       {"DisplayName", "string"},
                       {"AADObjectID", "string"},
                       {"Role", "string"}};
        out.rows.push_back({"Database " + of_database, std::string(display_name(who)),
                            who.object_id, std::string(role_name(who.role))});
        break;
    }
    return out;
}

} // namespace kusto::emulator
