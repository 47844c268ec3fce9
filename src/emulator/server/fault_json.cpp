#include <boost/json.hpp>
#include <cstring>
#include <emulator/server/fault_names.hpp>
#include <initializer_list>

namespace kusto::emulator
{

namespace json = boost::json;

namespace
{

using milliseconds = fault::milliseconds;
using member_list = std::vector<std::string_view>;

std::string listed(member_list const& names)
{
    std::string out;
    for (auto const name : names)
        out += (out.empty() ? "" : ", ") + std::string(name);
    return out;
}

member_list const& common_members()
{
    static member_list const names{"action", "route", "account",     "containing", "from",
                                   "times",  "every", "probability", "begin_ms",   "end_ms"};
    return names;
}

member_list members_of(fault_traits const& traits)
{
    auto names = common_members();
    auto const add = [&](std::initializer_list<std::string_view> more)
    { names.insert(names.end(), more); };
    switch (traits.shape)
    {
    case fault_shape::plain:
        break;
    case fault_shape::refusal:
        add({"code", "service_code", "retry_after_ms", "retry_after_form", "permanent"});
        break;
    case fault_shape::timed:
        add({"time_ms"});
        break;
    case fault_shape::rate:
        add({"bytes_per_second"});
        break;
    case fault_shape::drip:
        add({"bytes", "interval_ms"});
        break;
    case fault_shape::ingestion:
        add({"kind", "error_code", "recovery_ms"});
        break;
    }
    return names;
}

/// The members of one JSON object, each with its type checked.
class object_reader
{
public:
    object_reader(json::object const& from, std::optional<std::size_t> rule)
        : from_(from),
          rule_(rule)
    {
    }

    [[noreturn]] void refuse(std::string_view field, std::string const& text) const
    {
        throw fault_script_error(rule_, std::string(field), text);
    }

    void allow_only(member_list const& names) const
    {
        for (auto const& member : from_)
        {
            std::string_view const key(member.key().data(), member.key().size());
            if (std::find(names.begin(), names.end(), key) == names.end())
                refuse(key, "is not known here; allowed are " + listed(names));
        }
    }

    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

    [[nodiscard]] std::optional<std::string> text(std::string_view name) const
    {
        auto const* value = find(name);
        if (value == nullptr)
            return std::nullopt;
        if (!value->is_string())
            refuse(name, "must be a string");
        return std::string(value->as_string());
    }

    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name) const
    {
        auto const* value = find(name);
        if (value == nullptr)
            return std::nullopt;
        if (value->is_uint64())
            return value->as_uint64();
        if (!value->is_int64() || value->as_int64() < 0)
            refuse(name, "must be an integer, 0 or more");
        return static_cast<std::uint64_t>(value->as_int64());
    }

    [[nodiscard]] std::optional<milliseconds> time(std::string_view name) const
    {
        auto const value = number(name);
        if (!value)
            return std::nullopt;
        if (*value > 86'400'000)
            refuse(name, "must be 0 to 86400000 ms");
        return milliseconds(static_cast<milliseconds::rep>(*value));
    }

    [[nodiscard]] std::optional<double> real(std::string_view name) const
    {
        auto const* value = find(name);
        if (value == nullptr)
            return std::nullopt;
        if (!value->is_number())
            refuse(name, "must be a number");
        return value->to_number<double>();
    }

    [[nodiscard]] std::optional<bool> flag(std::string_view name) const
    {
        auto const* value = find(name);
        if (value == nullptr)
            return std::nullopt;
        if (!value->is_bool())
            refuse(name, "must be true or false");
        return value->as_bool();
    }

    /// Position in `names`.
    template <std::size_t N>
    [[nodiscard]] std::optional<std::size_t>
    choice(std::string_view name, std::array<std::string_view, N> const& names) const
    {
        auto const given = text(name);
        if (!given)
            return std::nullopt;
        auto const found = std::find(names.begin(), names.end(), *given);
        if (found == names.end())
            refuse(name, "cannot be '" + *given + "'; allowed are " +
                             listed(member_list(names.begin(), names.end())));
        return static_cast<std::size_t>(found - names.begin());
    }

    template <class T>
    [[nodiscard]] T required(std::optional<T> value, std::string_view name) const
    {
        if (!value)
            refuse(name, "is missing");
        return *std::move(value);
    }

private:
    [[nodiscard]] json::value const* find(std::string_view name) const
    {
        return from_.if_contains(json::string_view(name.data(), name.size()));
    }

    json::object const& from_;
    std::optional<std::size_t> rule_;
};

std::array<std::string_view, fault_action_count> action_names()
{
    std::array<std::string_view, fault_action_count> names;
    for (std::size_t i = 0; i < names.size(); ++i)
        names[i] = traits_of(static_cast<fault_action>(i)).name;
    return names;
}

fault read_refusal(object_reader const& in)
{
    auto const code = in.required(in.number("code"), "code");
    // Whatever does not fit is refused by check(), with the range.
    auto out = fault::status(code > 999 ? 999 : static_cast<int>(code),
                             in.text("service_code").value_or(std::string()));
    if (auto const time = in.time("retry_after_ms"); time)
        out.retry_after(*time, static_cast<retry_after_form>(
                                   in.choice("retry_after_form", retry_after_names).value_or(0)));
    else if (in.has("retry_after_form"))
        in.refuse("retry_after_form", "needs retry_after_ms");
    if (auto const permanent = in.flag("permanent"); permanent)
        out.permanent(*permanent);
    return out;
}

fault read_timed(fault_action action, milliseconds time)
{
    switch (action)
    {
    case fault_action::latency:
        return fault::latency(time);
    case fault_action::redeliver:
        return fault::redeliver(time);
    case fault_action::reorder:
        return fault::reorder(time);
    case fault_action::ingestion_delay:
        return fault::ingestion_delay(time);
    case fault_action::status_delay:
        return fault::status_delay(time);
    case fault_action::executed_late:
        return fault::executed_late(time);
    default:
        return fault::delay(time);
    }
}

fault read_ingestion(object_reader const& in)
{
    auto const kind = in.required(in.choice("kind", ingestion_failure_names), "kind");
    auto code = in.text("error_code").value_or(std::string());
    auto const recovery = in.time("recovery_ms");
    auto const which = static_cast<ingestion_failure_kind>(kind);
    return recovery ? fault::ingestion_fails(which, std::move(code), *recovery)
                    : fault::ingestion_fails(which, std::move(code));
}

fault read_action(fault_action action, object_reader const& in)
{
    switch (traits_of(action).shape)
    {
    case fault_shape::refusal:
        return read_refusal(in);
    case fault_shape::timed:
        return read_timed(action, in.required(in.time("time_ms"), "time_ms"));
    case fault_shape::rate:
        return fault::bandwidth(in.required(in.number("bytes_per_second"), "bytes_per_second"));
    case fault_shape::drip:
    {
        auto const bytes = in.required(in.number("bytes"), "bytes");
        auto const interval = in.time("interval_ms");
        return interval ? fault::drip(bytes, *interval) : fault::drip(bytes);
    }
    case fault_shape::ingestion:
        return read_ingestion(in);
    case fault_shape::plain:
        break;
    }
    return action == fault_action::executed_twice ? fault::executed_twice() : fault::of(action);
}

fault read_rule(json::value const& value, std::size_t index)
{
    if (!value.is_object())
        throw fault_script_error(index, "", "a rule must be an object");
    object_reader const in(value.get_object(), index);
    auto const action =
        static_cast<fault_action>(in.required(in.choice("action", action_names()), "action"));
    in.allow_only(members_of(traits_of(action)));
    auto rule = read_action(action, in);
    if (auto const route = in.choice("route", fault_route_names); route)
        rule.on(static_cast<fault_route>(*route));
    rule.account(in.text("account").value_or(std::string()));
    rule.containing(in.text("containing").value_or(std::string()));
    rule.from(in.number("from").value_or(1));
    rule.times(in.number("times").value_or(fault::forever));
    rule.every(in.number("every").value_or(1));
    rule.probability(in.real("probability").value_or(1));
    rule.between(in.time("begin_ms"), in.time("end_ms"));
    return rule;
}

json::string text_of(std::string_view text)
{
    return json::string(text.data(), text.size());
}

void write_refusal(json::object& out, fault const& rule)
{
    out["code"] = rule.code();
    if (!rule.service_code().empty())
        out["service_code"] = rule.service_code();
    if (auto const time = rule.retry_after(); time)
    {
        out["retry_after_ms"] = time->count();
        out["retry_after_form"] =
            text_of(retry_after_names[static_cast<std::size_t>(rule.retry_form())]);
    }
    if (auto const permanent = rule.permanent(); permanent)
        out["permanent"] = *permanent;
}

void write_action(json::object& out, fault const& rule)
{
    auto const& traits = traits_of(rule.action());
    out["action"] = text_of(traits.name);
    switch (traits.shape)
    {
    case fault_shape::plain:
        break;
    case fault_shape::refusal:
        write_refusal(out, rule);
        break;
    case fault_shape::timed:
        out["time_ms"] = rule.time().count();
        break;
    case fault_shape::rate:
        out["bytes_per_second"] = rule.bytes();
        break;
    case fault_shape::drip:
        out["bytes"] = rule.bytes();
        out["interval_ms"] = rule.time().count();
        break;
    case fault_shape::ingestion:
        out["kind"] = text_of(ingestion_failure_names[static_cast<std::size_t>(rule.kind())]);
        if (!rule.service_code().empty())
            out["error_code"] = rule.service_code();
        out["recovery_ms"] = rule.time().count();
        break;
    }
}

json::object write_rule(fault const& rule)
{
    json::object out;
    write_action(out, rule);
    if (rule.route() != fault_route::any)
        out["route"] = text_of(fault_route_names[static_cast<std::size_t>(rule.route())]);
    if (!rule.account().empty())
        out["account"] = rule.account();
    if (!rule.containing().empty())
        out["containing"] = rule.containing();
    if (rule.from() != 1)
        out["from"] = rule.from();
    if (rule.times() != fault::forever)
        out["times"] = rule.times();
    if (rule.every() != 1)
        out["every"] = rule.every();
    if (rule.probability() != 1)
        out["probability"] = rule.probability();
    if (auto const begin = rule.begin(); begin)
        out["begin_ms"] = begin->count();
    if (auto const end = rule.end(); end)
        out["end_ms"] = end->count();
    return out;
}

} // namespace

fault_script fault_script::from_json(std::string_view text)
{
    json::error_code error;
    auto const document = json::parse(json::string_view(text.data(), text.size()), error);
    if (error)
        throw fault_script_error(std::nullopt, "", "not JSON: " + error.message());
    if (!document.is_object())
        throw fault_script_error(std::nullopt, "", "must be an object with 'seed' and 'rules'");
    object_reader const in(document.get_object(), std::nullopt);
    in.allow_only({"seed", "rules"});
    fault_script out;
    out.seed(in.number("seed").value_or(1));
    auto const* rules = document.get_object().if_contains("rules");
    if (rules != nullptr && !rules->is_array())
        in.refuse("rules", "must be an array of objects");
    std::size_t index = 0;
    if (rules != nullptr)
        for (auto const& rule : rules->get_array())
            out.add(read_rule(rule, index++));
    out.check();
    return out;
}

std::string fault_script::to_json() const
{
    json::array rules;
    for (auto const& rule : rules_)
        rules.push_back(write_rule(rule));
    json::object out;
    out["seed"] = seed_;
    out["rules"] = std::move(rules);
    return json::serialize(out);
}

} // namespace kusto::emulator
