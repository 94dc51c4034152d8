// Two functions that the C interface of Kùzu 0.11.3 calls and that the engine inside the Python wheel keeps to itself.
#include "common/type_utils.h"
#include "common/types/int128_t.h"
#include "common/types/types.h"

namespace kuzu::common {

LogicalType::LogicalType(LogicalTypeID id, std::unique_ptr<ExtraTypeInfo> details)
    : typeID{id}, physicalType{getPhysicalType(id, details)}, extraTypeInfo{std::move(details)} {}

template<>
std::string TypeUtils::toString(const int128_t& value, void* /*vector*/) {
    return Int128_t::ToString(value);
}

} // namespace kuzu::common
