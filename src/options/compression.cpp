#include <kusto/compression.hpp>

namespace kusto
{

compression compression::standard() noexcept
{
    return igzip_available() ? igzip(1) : zlib(6);
}

bool compression::igzip_available() noexcept
{
#ifdef KUSTO_HAVE_ISAL
    return true;
#else
    return false;
#endif
}

std::string compression::to_string() const
{
    if (codec_ == compression_codec::automatic)
        return "automatic";
    return (codec_ == compression_codec::zlib ? "zlib " : "igzip ") + std::to_string(level_);
}

} // namespace kusto
