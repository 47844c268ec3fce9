#include "child_plan.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <faults/records.hpp>
#include <type_traits>

namespace kusto::crash
{

namespace json = boost::json;

namespace
{

std::uint64_t mix(std::uint64_t x) noexcept
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

} // namespace

std::string to_json(child_plan const& plan)
{
    json::object out;
    for_each_field(plan, [&](char const* name, auto const& value) { out[name] = value; });
    return json::serialize(out);
}

child_plan plan_from_json(std::string_view text)
{
    child_plan out;
    auto const in = json::parse({text.data(), text.size()});
    for_each_field(out,
                   [&](char const* name, auto& value)
                   {
                       using type = std::remove_reference_t<decltype(value)>;
                       value = json::value_to<type>(in.at(name));
                   });
    return out;
}

std::tuple<std::int64_t, std::int64_t, std::string>
replayable_source::record(std::uint64_t position) const
{
    auto const size = mix(seed_ * 31 + position) % (largest_text_ + 1);
    return faults::record_of(seed_, static_cast<std::int64_t>(position), size);
}

std::uint64_t replayable_source::group_end(std::uint64_t position) const
{
    auto const length = 1 + mix(seed_ * 37 + position) % largest_group_;
    return (std::min)(records_, position + length);
}

} // namespace kusto::crash
