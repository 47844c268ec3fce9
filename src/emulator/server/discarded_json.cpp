#include <boost/json.hpp>
#include <kusto/emulator/discard.hpp>
#include <stdexcept>

namespace kusto::emulator
{

namespace
{

/// Calls `act(name, member)` for each member.
template <class Counts, class F>
void for_each_member(Counts& counts, F act)
{
    act("requests", counts.requests);
    act("blobs_put", counts.blobs_put);
    act("blocks_put", counts.blocks_put);
    act("bytes_put", counts.bytes_put);
    act("messages", counts.messages);
    act("pending", counts.pending);
    act("blobs", counts.blobs);
    act("bytes", counts.bytes);
    act("raw_bytes", counts.raw_bytes);
    act("announced_bytes", counts.announced_bytes);
    act("crc_sum", counts.crc_sum);
    act("inflated_bytes", counts.inflated_bytes);
    act("lines", counts.lines);
    act("line_sum", counts.line_sum);
    act("failed", counts.failed);
    act("skipped", counts.skipped);
    act("size_mismatches", counts.size_mismatches);
}

} // namespace

std::string to_json(discarded_counts const& counts)
{
    boost::json::object out;
    for_each_member(counts, [&](char const* name, std::uint64_t value) { out[name] = value; });
    return boost::json::serialize(out);
}

discarded_counts discarded_from_json(std::string_view text)
{
    boost::system::error_code error;
    auto const parsed = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
    if (error || !parsed.is_object())
        throw std::runtime_error("counts of a local cluster are not a JSON object");
    discarded_counts out;
    for_each_member(out,
                    [&](char const* name, std::uint64_t& value)
                    {
                        if (auto const* found = parsed.as_object().if_contains(name))
                            value = found->to_number<std::uint64_t>(error);
                    });
    return out;
}

} // namespace kusto::emulator
