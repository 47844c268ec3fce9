#include <auth/token_times.hpp>

#include <algorithm>

namespace kusto::auth
{

token_times plan_token(token_times::duration lifetime,
                       std::optional<token_times::duration> refresh_in, double random) noexcept
{
    using duration = token_times::duration;
    constexpr duration hard_margin = std::chrono::seconds(30);
    constexpr duration soft_margin = std::chrono::minutes(5);
    constexpr duration long_life = std::chrono::hours(2);
    constexpr duration most_jitter = std::chrono::minutes(2);

    auto const hard = lifetime - (std::min)(hard_margin, lifetime / 4);
    bool const half = lifetime < 2 * soft_margin || lifetime > long_life;
    auto soft = half ? lifetime / 2 : lifetime - soft_margin;
    if (refresh_in && *refresh_in > duration::zero())
        soft = (std::min)(soft, *refresh_in);
    auto const window = (std::min)(soft / 10, most_jitter);
    soft -= std::chrono::duration_cast<duration>(window * random);
    return token_times((std::min)(soft, hard), hard);
}

} // namespace kusto::auth
