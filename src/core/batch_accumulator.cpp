#include <core/batch_accumulator.hpp>

#include <algorithm>

namespace kusto::core
{

std::string_view to_string(seal_reason why) noexcept
{
    switch (why)
    {
    case seal_reason::records:
        return "records";
    case seal_reason::bytes:
        return "bytes";
    case seal_reason::interval:
        return "interval";
    case seal_reason::flush:
        return "flush";
    case seal_reason::format:
        return "format";
    case seal_reason::pressure:
        return "pressure";
    case seal_reason::abandoned:
        return "abandoned";
    }
    return "unknown";
}

void batch_accumulator::seal() noexcept
{
    records_ = 0;
    bytes_ = 0;
}

std::optional<batch_accumulator::time_point> batch_accumulator::due() const noexcept
{
    if (records_ == 0)
        return std::nullopt;
    if (limits_.interval >= time_point::max() - opened_)
        return time_point::max();
    return opened_ + limits_.interval;
}

std::uint64_t batch_accumulator::expected_room(std::uint64_t size) const noexcept
{
    auto const room = limits_.bytes - bytes_;
    auto const more = limits_.records - records_;
    // A quarter more than the estimate, since records differ in size.
    auto const padded = size + size / 4;
    auto const expected = padded != 0 && more > room / padded ? room : more * padded;
    return (std::max)(size, (std::min)(expected, room));
}

} // namespace kusto::core
