#include <core/checkpoint.hpp>

namespace kusto
{

std::string_view to_string(checkpoint_state state) noexcept
{
    switch (state)
    {
    case checkpoint_state::sealed:
        return "sealed";
    case checkpoint_state::staged:
        return "staged";
    case checkpoint_state::moved:
        return "moved";
    case checkpoint_state::committed:
        return "committed";
    }
    return "unknown state";
}

} // namespace kusto

namespace kusto::core
{

delivery_counts sealed_checkpoint::counts() const noexcept
{
    delivery_counts sum;
    for (auto const& batch : batches)
    {
        sum.records += batch.records;
        sum.bytes += batch.raw_bytes;
        ++sum.blobs;
    }
    return sum;
}

} // namespace kusto::core
