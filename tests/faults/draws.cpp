#include "draws.hpp"

#include <support/compressions.hpp>

namespace kusto::faults
{

using emulator::fault;
using emulator::fault_action;

compressing draw_compressing(dice& random)
{
    auto const all = test::all_compressions();
    std::vector<compression_codec> codecs{compression_codec::automatic, compression_codec::zlib};
    if (compression::igzip_available())
        codecs.push_back(compression_codec::igzip);
    auto const codec = random.one_of(codecs);
    std::vector<compression> levels;
    for (auto const& one : all)
        if (one.codec() == codec)
            levels.push_back(one);
    auto const how = random.one_of(levels);
    constexpr std::uint64_t smallest = 64 << 10;
    auto const block_size = random.chance(50) ? smallest : smallest << random.below(7);
    return compressing{how, block_size, random.between(1, 3)};
}

fault broken_connection(dice& random, fault const& favourite)
{
    switch (random.below(8))
    {
    case 0:
        return fault::close_before_body();
    case 1:
        return fault::close_mid_body();
    case 2:
        return fault::close_after_body();
    case 3:
        return fault::drop_answer();
    case 4:
        return fault::answer_partly();
    case 5:
        return fault::close_idle();
    default:
        return favourite;
    }
}

fault refusal(dice& random, std::vector<int> const& codes, std::uint64_t wish)
{
    auto rule = fault::status(random.one_of(codes));
    if (random.chance(wish))
    {
        auto const wait = random.ms(5, 120);
        rule.retry_after(wait, random.chance(50) ? emulator::retry_after_form::milliseconds
                                                 : emulator::retry_after_form::x_ms);
    }
    return rule;
}

bool nobody_answers(fault const& rule) noexcept
{
    return rule.action() == fault_action::never_answer ||
           rule.action() == fault_action::never_answer_after ||
           rule.action() == fault_action::accept_never;
}

} // namespace kusto::faults
