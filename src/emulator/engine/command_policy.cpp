#include "calendar.hpp"
#include "command.hpp"
#include "json_reader.hpp"
#include "policy_list.hpp"
#include "value_text.hpp"

#include <algorithm>
#include <array>
#include <limits>

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
    std::array<property, 8> properties; ///< unused ones have no name
};

constexpr std::array known_policies{
    policy_rules{"ingestionbatching",
                 "IngestionBatchingPolicy",
                 {property{"MaximumBatchingTimeSpan", "\"00:05:00\""},
                  property{"MaximumNumberOfItems", "500"},
                  property{"MaximumRawDataSizeMB", "1024"}}},
    policy_rules{"streamingingestion",
                 "StreamingIngestionPolicy",
                 {property{"IsEnabled", "false"}, property{"HintAllocatedRate", "null"}}},
    policy_rules{"retention",
                 "RetentionPolicy",
                 {property{"SoftDeletePeriod", "\"365000.00:00:00\""},
                  property{"Recoverability", "\"Enabled\""}}},
    policy_rules{"merge",
                 "ExtentsMergePolicy",
                 {property{"RowCountUpperBoundForMerge", "16000000"},
                  property{"OriginalSizeMBUpperBoundForMerge", "30000"},
                  property{"MaxExtentsToMerge", "100"}, property{"LoopPeriod", "\"01:00:00\""},
                  property{"MaxRangeInHours", "24"}, property{"AllowRebuild", "true"},
                  property{"AllowMerge", "true"},
                  property{"Lookback", "{\"Kind\":\"Default\",\"CustomPeriod\":null}"}}},
};

/// Which policy a command is about; one of the pointers is set.
struct chosen_policy
{
    std::string word;
    std::string name;
    policy_rules const* rules = nullptr;
    list_policy const* list = nullptr;
};

chosen_policy policy_word(lexer& in, policy_owner const& owner)
{
    if (in.peek().kind != token_kind::identifier)
        in.unexpected("a policy");
    chosen_policy chosen;
    chosen.word = lower(in.take().text);
    for (auto const& candidate : known_policies)
        if (candidate.word == chosen.word)
            chosen.rules = &candidate;
    chosen.list = find_list_policy(chosen.word);
    bool const fits = chosen.list == nullptr || owner.of != nullptr || fits_databases(*chosen.list);
    if ((chosen.rules == nullptr && chosen.list == nullptr) || !fits)
        throw not_supported("the policy '" + chosen.word + "' of a " +
                            (owner.of != nullptr ? "table" : "database"));
    chosen.name = chosen.list != nullptr ? name_of(*chosen.list) : chosen.rules->name;
    return chosen;
}

/// Values as JSON text, by position in the rules.
using values = std::array<std::string, 8>;

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

void check_merge(policy_rules const& rules, values const& given)
{
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    for (std::size_t const i : {0, 1, 2, 4})
        check_range(rules.properties[i].name, parse_integer(given[i]), 0, most, given[i]);
    check_range(rules.properties[3].name, parse_timespan(unquoted(given[3])), 0, last_tick,
                given[3]);
    for (std::size_t const i : {5, 6})
        if (given[i] != "true" && given[i] != "false")
            throw bad_request(std::string(rules.properties[i].name) + " cannot be " + given[i]);
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
    if (rules.word == "merge")
        check_merge(rules, given);
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

result_table policy_result(catalog& target, policy_owner const& owner, chosen_policy const& chosen)
{
    result_table result;
    result.columns = {{"PolicyName", "string"},
                      {"EntityName", "string"},
                      {"Policy", "string"},
                      {"ChildEntities", "string"},
                      {"EntityType", "string"}};
    auto const& policies = policies_of(target, owner);
    auto const stored = policies.find(chosen.word);
    std::string const entity =
        "[" + owner.database + "]" + (owner.of != nullptr ? ".[" + owner.of->name + "]" : "");
    result.rows.push_back(
        {chosen.name, entity, stored == policies.end() ? std::string("null") : stored->second,
         children(target, owner), std::string(owner.of != nullptr ? "Table" : "Database")});
    return result;
}

/// The text of a policy that is one object, from the rest of the command.
std::string altered_object(lexer& in, policy_rules const& rules, std::string const* stored)
{
    values given = defaults(rules);
    if (stored != nullptr)
        overlay(given, rules, *stored);
    bool const retention = rules.word == "retention";
    bool const streaming = rules.word == "streamingingestion";
    if (in.peek().kind == token_kind::string)
        overlay(given, rules, in.joined_literals());
    else if (streaming && in.take_word("enable"))
        given[0] = "true";
    else if (streaming && in.take_word("disable"))
        given[0] = "false";
    else if (retention && (in.is_word("softdelete") || in.is_word("recoverability")))
        retention_words(in, given);
    else
        in.unexpected("a policy");
    check(rules, given);
    return to_json(rules, given);
}

void store(catalog& target, policy_owner const& owner, std::string const& word,
           std::string const& text)
{
    if (owner.of != nullptr)
        target.put_policy(*owner.of, word, text);
    else
        target.put_database_policy(owner.database, word, text);
}

} // namespace

result_table show_policy(command_context& context, policy_owner const& owner)
{
    return policy_result(context.target, owner, policy_word(context.in, owner));
}

result_table show_policies(command_context& context)
{
    auto const tables = context.target.tables(context.database);
    policy_owner owner{context.database, tables.empty() ? nullptr : tables.front()};
    auto const chosen = policy_word(context.in, owner);
    auto all = policy_result(context.target, owner, chosen);
    all.rows.clear();
    for (auto* const each : tables)
    {
        owner.of = each;
        auto one = policy_result(context.target, owner, chosen);
        all.rows.push_back(std::move(one.rows.front()));
    }
    return all;
}

result_table alter_policy(command_context& context, policy_owner const& owner, bool merge)
{
    lexer& in = context.in;
    auto const chosen = policy_word(in, owner);
    auto const& policies = policies_of(context.target, owner);
    auto const found = policies.find(chosen.word);
    auto const* const stored = merge && found != policies.end() ? &found->second : nullptr;
    std::string text;
    if (chosen.list != nullptr)
    {
        text = checked_list(*chosen.list, context.target, owner, in.joined_literals());
        if (stored != nullptr)
            text = joined_lists(*stored, text);
    }
    else
    {
        text = altered_object(in, *chosen.rules, stored);
    }
    expect_end(in);
    store(context.target, owner, chosen.word, text);
    return policy_result(context.target, owner, chosen);
}

result_table delete_policy(command_context& context, policy_owner const& owner)
{
    auto const chosen = policy_word(context.in, owner);
    expect_end(context.in);
    if (owner.of != nullptr)
        context.target.drop_policy(*owner.of, chosen.word);
    else
        context.target.drop_database_policy(owner.database, chosen.word);
    return policy_result(context.target, owner, chosen);
}

} // namespace kusto::emulator::kql
