#include <doctor/clock_skew.hpp>

#include <algorithm>
#include <utility>

namespace kusto::doctor
{

namespace
{

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds half_second = 500ms;
constexpr milliseconds worth_a_warning = 1min;
constexpr milliseconds forgiven = 5min;

/// What is certain of the difference.
milliseconds least_difference(clock_sample const& sample)
{
    return (std::max)(std::chrono::abs(sample.ahead) - sample.uncertainty, milliseconds(0));
}

std::string shown(milliseconds ahead)
{
    auto const size = std::chrono::round<std::chrono::seconds>(std::chrono::abs(ahead)).count();
    // Seen from here: a server that is ahead means that we are behind.
    return std::to_string(size) + " s " + (ahead > 0ms ? "behind " : "ahead of ");
}

} // namespace

clock_sample::clock_sample(std::string host_, base::utc_time_point date, base::utc_time_point sent,
                           base::utc_time_point received)
    : host(std::move(host_)),
      ahead(duration_cast<milliseconds>(date - sent - (received - sent) / 2) + half_second),
      uncertainty(duration_cast<milliseconds>((received - sent) / 2) + half_second)
{
}

verdict judge_clock(std::span<clock_sample const> samples)
{
    if (samples.empty())
        return verdict::skipped("no server said what time it is");
    auto const by_difference = [](clock_sample const& a, clock_sample const& b)
    { return least_difference(a) < least_difference(b); };
    auto const& best = *std::min_element(samples.begin(), samples.end(), by_difference);
    auto const& worst = *std::max_element(samples.begin(), samples.end(), by_difference);
    auto const text = "this machine's clock is " + shown(best.ahead) + best.host;
    constexpr auto set_clock =
        "set this machine's clock (NTP): signatures and tokens are valid for a "
        "time, and the services forgive 5 minutes";
    if (least_difference(best) > forgiven)
        return verdict::failed(check_trouble::configuration, text, set_clock);
    if (least_difference(best) > worth_a_warning)
        return verdict::warning(text, set_clock);
    if (least_difference(worst) > worth_a_warning)
        return verdict::warning("this machine's clock is " + shown(worst.ahead) + worst.host +
                                    ", and right by " + best.host,
                                "the clock of that server is wrong: tell its owner");
    return verdict::ok("no answer of " + std::to_string(samples.size()) + " differs by a minute");
}

} // namespace kusto::doctor
