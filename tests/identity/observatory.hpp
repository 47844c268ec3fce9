#pragma once

#include "misbehaving_callbacks.hpp"
#include "parrot.hpp"
#include "ways.hpp"
#include "witness.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kusto::test
{

inline constexpr char const* proxy_password = "CANARY.proxy_password";
inline constexpr char const* static_canary = "CANARY.token-of-nobody.0815";

/// What goes wrong with signing in.
enum class trouble
{
    none,
    refused,
    repeats, ///< what it was sent
    silent,
    malformed,
    unavailable
};

inline constexpr trouble all_troubles[]{trouble::none,   trouble::refused,   trouble::repeats,
                                        trouble::silent, trouble::malformed, trouble::unavailable};

[[nodiscard]] std::string_view name_of(trouble what);

/// One estate, one home, and all that is searched. Who asks nobody for a token (a static token, a
/// callback) has its trouble with the cluster, or makes it.
class observatory
{
public:
    observatory();
    observatory(observatory const&) = delete;
    observatory& operator=(observatory const&) = delete;
    ~observatory();

    [[nodiscard]] estate const& on() const { return on_; }
    [[nodiscard]] empty_home const& home() const { return home_; }
    [[nodiscard]] std::size_t repeated() const
    {
        return mocking_.requests() + arc_mocking_.requests();
    }

    /// A word that must be found.
    void plant(std::string word) { planted_.push_back(std::move(word)); }
    void forbid_all(faults::secret_scanner& in) const;

    /// In how many forms a way can have this trouble; 0: it cannot.
    [[nodiscard]] std::size_t variants(way const& how, trouble what) const;
    /// \returns whether the query was answered in any of them
    bool look(way const& how, trouble what, faults::secret_scanner& scanner);

private:
    [[nodiscard]] std::string arc_key() const { return on_.arc.path() + "/canary.key"; }
    bool look_once(way const& how, trouble what, std::size_t variant,
                   faults::secret_scanner& scanner);
    void arrange_callback(trouble what, std::size_t variant) const;
    void ask_the_parrot(way const& how, scoped_environment& environment) const;
    void sign_in_to_the_parrot(scoped_environment& environment) const;

    estate on_;
    std::string const token_; ///< one that the cluster accepts
    std::vector<token_callback> const rubbish_;
    std::vector<token_callback> const throwing_;
    parrot mocking_;
    parrot arc_mocking_;
    std::vector<std::string> planted_;
    // What operators have put on the machine is elsewhere.
    scoped_environment environment_;
    empty_home home_;
};

/// What the process and its children have left behind.
void look_around(observatory const& here, std::string const& written,
                 faults::secret_scanner& scanner);

} // namespace kusto::test
