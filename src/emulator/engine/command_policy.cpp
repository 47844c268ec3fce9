#include "calendar.hpp"
#include "command.hpp"
#include "json_reader.hpp"
#include "value_text.hpp"

#include <algorithm>
#include <array>

namespace kusto::emulator::kql
{

namespace
{

struct property
{
    std::string_view name;
    std::string_view default_value; ///< JSON
};

struct policy_rules
{
    std::string_view word;
    std::string_view name;
    std::array<property, 3> properties; ///< unused ones have no name
};

constexpr std::array known_policies{
    policy_rules{"ingestionbatching",
                 "IngestionBatchingPolicy",
                 {property{"MaximumBatchingTimeSpan", "\"00:05:00\""},
                  property{"MaximumNumberOfItems", "500"},
                  property{"MaximumRawDataSizeMB", "1024"}}},
    policy_rules{
        "streamingingestion",
        "StreamingIngestionPolicy",
        {property{"IsEnabled", "false"}, property{"HintAllocatedRate", "null"}, property{}}},
    policy_rules{"retention",
                 "RetentionPolicy",
                 {property{"SoftDeletePeriod", "\"365000.00:00:00\""},
                  property{"Recoverability", "\"Enabled\""}, property{}}},
};

policy_rules const& policy_word(lexer& in)
{
    if (in.peek().kind != token_kind::identifier)
        in.unexpected("a policy");
    std::string const word = lower(in.take().text);
    for (auto const& candidate : known_policies)
        if (candidate.word == word)
            return candidate;
    throw not_supported("the policy '" + word + "'");
}

/// Values as JSON text, by position in the rules.
using values = std::array<std::string, 3>;

values defaults(policy_rules const& rules)
{
    values result;
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = rules.properties[i].default_value;
    return result;
}

void overlay(values& into, policy_rules const& rules, std::string_view text)
{
    json_reader json;
    if (!json.read_all(text) || json.root().kind != json_reader::node_kind::object)
        throw bad_request("the policy is not a JSON object: " + json.error());
    for (auto const member : json.children(0))
    {
        auto const key = json.at(member).key;
        auto const found =
            std::find_if(rules.properties.begin(), rules.properties.end(),
                         [&](property const& known) { return same_text(known.name, key); });
        if (found == rules.properties.end() || key.empty())
            throw bad_request(std::string(rules.name) + " has no property '" + std::string(key) +
                              "'");
        into[static_cast<std::size_t>(found - rules.properties.begin())] =
            compact_json(json.at(member).raw);
    }
}

std::string to_json(policy_rules const& rules, values const& from)
{
    std::string text;
    for (std::size_t i = 0; i < from.size(); ++i)
        if (!rules.properties[i].name.empty())
            text +=
                (text.empty() ? "" : ",") + json_string(rules.properties[i].name) + ":" + from[i];
    return "{" + text + "}";
}

std::string unquoted(std::string const& json)
{
    bool const quoted = json.size() >= 2 && json.front() == '"';
    return quoted ? json_unescape(std::string_view(json).substr(1, json.size() - 2)) : json;
}

void check_range(std::string_view name, std::optional<std::int64_t> value, std::int64_t least,
                 std::int64_t most, std::string const& text)
{
    if (!value || *value < least || *value > most)
        throw bad_request(std::string(name) + " cannot be " + text);
}

void check(policy_rules const& rules, values const& given)
{
    if (rules.word == "ingestionbatching")
    {
        check_range(rules.properties[0].name, parse_timespan(unquoted(given[0])),
                    10 * ticks_per_second, 30 * ticks_per_minute, given[0]);
        check_range(rules.properties[1].name, parse_integer(given[1]), 1, 25'000, given[1]);
        check_range(rules.properties[2].name, parse_integer(given[2]), 100, 4096, given[2]);
    }
    if (rules.word == "streamingingestion" && given[0] != "true" && given[0] != "false")
        throw bad_request("IsEnabled cannot be " + given[0]);
    if (rules.word == "retention")
        check_range(rules.properties[0].name, parse_timespan(unquoted(given[0])), 0, last_tick,
                    given[0]);
}

/// `softdelete = 7d recoverability = disabled`
void retention_words(lexer& in, values& into)
{
    if (in.take_word("softdelete"))
    {
        in.expect_symbol("=");
        if (in.peek().kind != token_kind::timespan)
            in.unexpected("a timespan");
        into[0] = json_string(format_timespan(in.take().integer));
    }
    if (!in.take_word("recoverability"))
        return;
    in.expect_symbol("=");
    bool const enabled = in.take_word("enabled");
    if (!enabled)
        in.expect_word("disabled");
    into[1] = enabled ? "\"Enabled\"" : "\"Disabled\"";
}

std::map<std::string, std::string> const& policies_of(catalog& target, policy_owner const& owner)
{
    return owner.of != nullptr ? owner.of->policies : target.database_policies(owner.database);
}

/// The tables of a database as a JSON array; nothing for a table.
std::string children(catalog& target, policy_owner const& owner)
{
    if (owner.of != nullptr)
        return {};
    std::string names;
    for (auto const* each : target.tables(owner.database))
        names += (names.empty() ? "" : ",") + json_string(each->name);
    return "[" + names + "]";
}

result_table policy_result(catalog& target, policy_owner const& owner, policy_rules const& rules)
{
    result_table result;
    result.columns = {{"PolicyName", "string"},
                      {"EntityName", "string"},
                      {"Policy", "string"},
                      {"ChildEntities", "string"},
                      {"EntityType", "string"}};
    auto const& policies = policies_of(target, owner);
    auto const stored = policies.find(std::string(rules.word));
    std::string const entity =
        "[" + owner.database + "]" + (owner.of != nullptr ? ".[" + owner.of->name + "]" : "");
    result.rows.push_back({std::string(rules.name), entity,
                           stored == policies.end() ? std::string("null") : stored->second,
                           children(target, owner),
                           std::string(owner.of != nullptr ? "Table" : "Database")});
    return result;
}

} // namespace

result_table show_policy(command_context& context, policy_owner const& owner)
{
    auto const& rules = policy_word(context.in);
    return policy_result(context.target, owner, rules);
}

result_table alter_policy(command_context& context, policy_owner const& owner, bool merge)
{
    lexer& in = context.in;
    policy_rules const& rules = policy_word(in);
    std::string const word(rules.word);
    values given = defaults(rules);
    auto const& policies = policies_of(context.target, owner);
    auto const stored = policies.find(word);
    if (merge && stored != policies.end())
        overlay(given, rules, stored->second);
    if (in.peek().kind == token_kind::string)
        overlay(given, rules, in.joined_literals());
    else if (word == "streamingingestion" && in.take_word("enable"))
        given[0] = "true";
    else if (word == "streamingingestion" && in.take_word("disable"))
        given[0] = "false";
    else if (word == "retention" && (in.is_word("softdelete") || in.is_word("recoverability")))
        retention_words(in, given);
    else
        in.unexpected("a policy");
    expect_end(in);
    check(rules, given);
    if (owner.of != nullptr)
        context.target.put_policy(*owner.of, word, to_json(rules, given));
    else
        context.target.put_database_policy(owner.database, word, to_json(rules, given));
    return policy_result(context.target, owner, rules);
}

result_table delete_policy(command_context& context, policy_owner const& owner)
{
    policy_rules const& rules = policy_word(context.in);
    expect_end(context.in);
    if (owner.of != nullptr)
        context.target.drop_policy(*owner.of, std::string(rules.word));
    else
        context.target.drop_database_policy(owner.database, std::string(rules.word));
    return policy_result(context.target, owner, rules);
}

} // namespace kusto::emulator::kql
