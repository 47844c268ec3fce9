#include "policy_list.hpp"

#include "calendar.hpp"
#include "json_reader.hpp"

#include <algorithm>
#include <array>

namespace kusto::emulator::kql
{

namespace
{

enum class member_type : std::uint8_t
{
    flag,
    text,
    optional_text, ///< or null
    timespan,
    tag_prefix,
    table_name
};

struct list_member
{
    std::string_view name;
    member_type type = member_type::flag;
    bool required = false;
};

} // namespace

struct list_policy
{
    std::string_view word;
    std::string_view name;
    bool of_databases = false;
    std::array<list_member, 7> members; ///< unused ones have no name
};

namespace
{

constexpr std::array known_lists{
    list_policy{"update",
                "UpdatePolicy",
                false,
                {list_member{"Source", member_type::table_name, true},
                 list_member{"Query", member_type::text, true}, list_member{"IsEnabled"},
                 list_member{"SourceIsWildCard"}, list_member{"IsTransactional"},
                 list_member{"PropagateIngestionProperties"},
                 list_member{"ManagedIdentity", member_type::optional_text}}},
    list_policy{"extent_tags_retention",
                "ExtentTagsRetentionPolicy",
                true,
                {list_member{"TagPrefix", member_type::tag_prefix, true},
                 list_member{"RetentionPeriod", member_type::timespan, true}}},
};

class list_check
{
public:
    list_check(list_policy const& policy, catalog& target, policy_owner const& owner)
        : policy_(policy),
          target_(target),
          owner_(owner)
    {
    }

    void run(std::string_view text)
    {
        bool const array =
            json_.read_all(text) && json_.root().kind == json_reader::node_kind::array;
        if (!array)
            throw bad_request("the policy is not a JSON array: " + json_.error());
        for (auto const item : json_.children(0))
            check_object(item);
    }

private:
    [[noreturn]] void refuse(std::string const& what) const
    {
        throw bad_request(std::string(policy_.name) + ": " + what);
    }

    void check_object(std::size_t object)
    {
        if (json_.at(object).kind != json_reader::node_kind::object)
            refuse("an element is not an object");
        for (auto const member : json_.children(object))
        {
            auto const key = json_.at(member).key;
            auto const known =
                std::find_if(policy_.members.begin(), policy_.members.end(),
                             [&](list_member const& one) { return same_text(one.name, key); });
            if (known == policy_.members.end() || key.empty())
                refuse("there is no property '" + std::string(key) + "'");
            if (!fits(*known, member))
                refuse(std::string(known->name) + " cannot be " +
                       std::string(json_.at(member).raw));
        }
        for (auto const& one : policy_.members)
            if (one.required && !json_.member_ignoring_case(object, one.name))
                refuse(std::string(one.name) + " is missing");
    }

    [[nodiscard]] bool fits(list_member const& wanted, std::size_t member) const
    {
        auto const given = json_.at(member).kind;
        if (wanted.type == member_type::flag)
            return given == json_reader::node_kind::boolean;
        if (wanted.type == member_type::optional_text && given == json_reader::node_kind::null)
            return true;
        if (given != json_reader::node_kind::string)
            return false;
        std::string const text = json_.text(member);
        switch (wanted.type)
        {
        case member_type::timespan:
            return parse_timespan(text).value_or(-1) >= 0;
        case member_type::tag_prefix:
            return text.size() > 1 && text.find(':') == text.size() - 1;
        case member_type::table_name:
            return target_.find_table(owner_.database, text) != nullptr;
        default:
            return true;
        }
    }

    list_policy const& policy_;
    catalog& target_;
    policy_owner const& owner_;
    json_reader json_;
};

} // namespace

list_policy const* find_list_policy(std::string_view word) noexcept
{
    for (auto const& candidate : known_lists)
        if (candidate.word == word)
            return &candidate;
    return nullptr;
}

std::string_view name_of(list_policy const& policy) noexcept
{
    return policy.name;
}

bool fits_databases(list_policy const& policy) noexcept
{
    return policy.of_databases;
}

std::string checked_list(list_policy const& policy, catalog& target, policy_owner const& owner,
                         std::string_view text)
{
    list_check(policy, target, owner).run(text);
    return compact_json(text);
}

std::string joined_lists(std::string const& first, std::string const& second)
{
    if (first == "[]")
        return second;
    if (second == "[]")
        return first;
    return first.substr(0, first.size() - 1) + "," + second.substr(1);
}

} // namespace kusto::emulator::kql
